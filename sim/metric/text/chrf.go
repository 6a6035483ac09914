package text

import (
	"fmt"
	"strings"
)

const (
	charOrders = 6 // the longest n-gram of characters
	recallTwo  = 4 // β², β = 2: recall counts twice as much
)

// CharGrams is, for each order, n-grams of characters said, wanted and in common. Those of
// segments add up to those of their corpus.
type CharGrams [charOrders][3]int

// Join adds another's.
func (s *CharGrams) Join(other CharGrams) {
	for n := range s {
		for k, x := range other[n] {
			s[n][k] += x
		}
	}
}

// ChrF is chrF2 over all segments (Popović 2015): F of character n-grams up to six, white
// space left out, recall twice as important, 0 … 100. Of several references the one that
// fits a segment best counts; references[k][i] is the k-th of segment i.
func ChrF(hypotheses []string, references [][]string) (float64, error) {
	if len(references) == 0 {
		return 0, fmt.Errorf("chrF: no references; needs at least one for each of %d hypotheses", len(hypotheses))
	}
	var all CharGrams
	for i, h := range hypotheses {
		var best CharGrams
		score := -1.0
		for k, r := range references {
			if len(r) != len(hypotheses) {
				return 0, fmt.Errorf("chrF: %d hypotheses and %d in reference list %d; needs one for each", len(hypotheses), len(r), k)
			}
			s := CharsOf(h, r[i])
			if f := s.ChrF(); f > score {
				best, score = s, f
			}
		}
		all.Join(best)
	}
	return all.ChrF(), nil
}

// CharsOf counts one segment against one reference.
func CharsOf(hypothesis, reference string) CharGrams {
	said, want := chars(hypothesis), chars(reference)
	var s CharGrams
	for n := range charOrders {
		a, b := grams(said, n+1), grams(want, n+1)
		for g, k := range a {
			s[n][0] += k
			s[n][2] += min(k, b[g])
		}
		for _, k := range b {
			s[n][1] += k
		}
		if len(b) == 0 {
			s[n][0] = 0 // nothing is asked of an order that the reference is too short for
		}
	}
	return s
}

func chars(s string) []string { return strings.Split(strings.Join(strings.Fields(s), ""), "") }

// ChrF is the score of what was counted.
func (s CharGrams) ChrF() float64 {
	var precision, recall, n float64
	for _, o := range s {
		if o[0] > 0 && o[1] > 0 {
			precision += float64(o[2]) / float64(o[0])
			recall += float64(o[2]) / float64(o[1])
			n++
		}
	}
	if precision+recall == 0 {
		return 0
	}
	precision, recall = precision/n, recall/n
	return 100 * (1 + recallTwo) * precision * recall / (float64(recallTwo*precision) + recall)
}
