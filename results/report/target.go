package report

import (
	"fmt"

	"github.com/loramesh/loramesh/results"
)

// race is what each arm spent until it got as far as all get.
type race struct {
	Score  string
	Target string
	There  bool // all have it from the start
	Rows   []raceRow
}

type raceRow struct {
	Arm, Reached, Rounds, Time, Bytes, Flops, Examples string
}

// raceOf takes the first score of a run.
func raceOf(s results.Summary) *race {
	if len(s.Scores) == 0 || len(s.Arms) < 2 {
		return nil
	}
	score := s.Scores[0]
	target := s.CommonTarget(score)
	r := &race{Score: score.Name, Target: results.Plain(target), There: true}
	for _, a := range s.Arms {
		spent, n := a.ToTarget(score, target)
		row := raceRow{Arm: a.Name, Reached: fmt.Sprintf("%d of %d", n, len(a.Trials)), Rounds: "–", Time: "–", Bytes: "–", Flops: "–", Examples: "–"}
		r.There = r.There && n > 0 && spent == results.Reach{}
		if n > 0 {
			row.Rounds, row.Time, row.Bytes = results.Plain(spent.Rounds), results.Seconds(spent.Time), results.Bytes(spent.Bytes)
			row.Flops, row.Examples = results.FlopsText(spent.Flops), fmt.Sprintf("%.0f", spent.Examples)
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}
