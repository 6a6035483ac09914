package results

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/sim/ledger"
)

// rankValue is the name under which methods report the rank they worked at, where it is
// one for all participants.
const rankValue = "rank"

// Ranks puts a trial's ranks into words: what the pools can hold, and, where the method
// says that it worked at another rank, that too: "2 of 16…2".
func (t *Trial) Ranks() string {
	var pools []string
	for _, p := range t.Head.Pools {
		if held := p.Holders(); len(held) > 0 {
			pools = append(pools, rangeWords(held))
		}
	}
	held := strings.Join(pools, ", ")
	used, told := usedRank(t)
	switch {
	case !told && held == "":
		return "–"
	case !told:
		return held
	case held == "" || held == used:
		return used
	}
	return used + " of " + held
}

// usedRank is the rank that the folds of a trial report, if they all report the same.
func usedRank(t *Trial) (string, bool) {
	used := ""
	for _, f := range t.Folds {
		v, ok := foldValue(f, rankValue, "")
		if !ok {
			return "", false
		}
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if used != "" && used != text {
			return "", false
		}
		used = text
	}
	return used, used != ""
}

// rangeWords is "8" for equal ranks, "16…2" for others. Ranks are sorted, largest first.
func rangeWords(held []ledger.Held) string {
	first, last := held[0].Rank, held[len(held)-1].Rank
	if first == last {
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d…%d", first, last)
}
