package metric

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// BLEU and chrF are scores of a corpus: they are made of counts of n-grams over all texts and
// are no means over examples. So a test set that is measured part by part is told of as the
// counts, as metrics of classes are as tallies (see class.go).
const (
	tallyWords = "tally.words" // a count of BLEU's, by its place in [written.counts]
	tallyChars = "tally.chars" // one of chrF's
)

// ofCounts are the metrics that need counts, and which.
var ofCounts = map[string]string{BLEU: tallyWords, ChrF: tallyChars}

// counts are what a tally is of, the number of texts first.
func (w *written) counts(tally string) []*int {
	out := []*int{&w.n}
	if tally == tallyWords {
		out = append(out, &w.words.Said, &w.words.Wanted)
		for i := range w.words.Counts {
			out = append(out, &w.words.Counts[i], &w.words.Total[i])
		}
		return out
	}
	for i := range w.chars {
		for k := range w.chars[i] {
			out = append(out, &w.chars[i][k])
		}
	}
	return out
}

// Counts are a sum's tally of that name, which [Judged] joins with those of other parts; is
// says whether it is one of written texts. The group is that of the examples.
func (s *Sum) Counts(tally, group string) (out []method.Value, is bool) {
	if tally != tallyWords && tally != tallyChars {
		return nil, false
	}
	for i, n := range s.written.counts(tally) {
		if *n > 0 {
			out = append(out, method.Value{Name: tally, Group: group + unit + strconv.Itoa(i), Value: 1, Weight: float64(*n)})
		}
	}
	return out, true
}

// OfOne moves a tally of written texts, or any other value over all examples, into a group;
// is is false for values that are of a group already, and for tallies of classes.
func OfOne(v method.Value, group string) (moved method.Value, is bool) {
	rest, counted := strings.CutPrefix(v.Group, unit)
	if v.Group != "" && (!counted || v.Name != tallyWords && v.Name != tallyChars) {
		return v, false
	}
	if counted {
		group += unit + rest
	}
	v.Group = group
	return v, true
}

// corpora makes BLEU and chrF of the counts among values, over all and by group, and returns
// the other values as they are.
func corpora(names []string, values []method.Value) (made, others []method.Value, err error) {
	sums := map[string]map[string]*written{tallyWords: {}, tallyChars: {}}
	for _, v := range values {
		of, is := sums[v.Name]
		if !is {
			others = append(others, v)
			continue
		}
		group, place, _ := strings.Cut(v.Group, unit)
		i, err := strconv.Atoi(place)
		if of[group] == nil {
			of[group] = &written{}
		}
		counts := of[group].counts(v.Name)
		if err != nil || i < 0 || i >= len(counts) {
			return nil, nil, fmt.Errorf("metric: %q names no count of a %s", v.Group, v.Name)
		}
		*counts[i] += int(v.Weight)
	}
	for _, name := range names {
		of := sums[ofCounts[name]]
		for _, group := range slices.Sorted(maps.Keys(of)) {
			x, weight, _ := of[group].value(name)
			made = append(made, method.Value{Name: name, Group: group, Value: x, Weight: weight})
		}
	}
	return made, others, nil
}
