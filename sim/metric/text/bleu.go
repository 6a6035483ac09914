package text

import (
	"fmt"
	"math"
	"strings"
)

// orders is the longest n-gram that BLEU counts.
const orders = 4

// Smoothing says what BLEU does with an order without a match.
type Smoothing string

// Smoothings of Chen and Cherry (2014).
const (
	SmoothExp   Smoothing = "exp"   // half as much for each such order: the default
	SmoothFloor Smoothing = "floor" // 0.1 matches
	SmoothAddK  Smoothing = "add-k" // 1 more match and n-gram from order 2 on
	SmoothNone  Smoothing = "none"  // the score is 0
)

// BLEU says how texts are cut and how zeros are smoothed. The zero value is sacrebleu's
// default: cut as mteval-v13a does, case kept, smoothed exponentially.
type BLEU struct {
	Cut       Cut
	Smoothing Smoothing
	Lower     bool
}

// Score is a BLEU with what it is made of. Value and precisions are 0 … 100.
type Score struct {
	Value         float64
	Precisions    [orders]float64
	Brevity       float64
	Said, Wanted  int // words: of the hypotheses, of the references nearest in length
	Counts, Total [orders]int
}

// Corpus scores all segments together; references[k][i] is the k-th reference of segment
// i. It is no mean over segments, so scores of parts do not add up.
func (b BLEU) Corpus(hypotheses []string, references [][]string) (Score, error) {
	if len(references) == 0 {
		return Score{}, fmt.Errorf("BLEU: no references; needs at least one for each of %d hypotheses", len(hypotheses))
	}
	var s Score
	for k, r := range references {
		if len(r) != len(hypotheses) {
			return s, fmt.Errorf("BLEU: %d hypotheses and %d in reference list %d; needs one for each", len(hypotheses), len(r), k)
		}
	}
	for i, h := range hypotheses {
		var refs []string
		for _, r := range references {
			refs = append(refs, r[i])
		}
		if err := b.count(&s, h, refs); err != nil {
			return s, err
		}
	}
	return b.smooth(s, false), nil
}

// Count is what one segment adds to the score of a corpus: its counts, without a value.
func (b BLEU) Count(hypothesis string, references ...string) (s Score, err error) {
	err = b.count(&s, hypothesis, references)
	return s, err
}

// Join adds another's counts.
func (s *Score) Join(other Score) {
	s.Said += other.Said
	s.Wanted += other.Wanted
	for n := range orders {
		s.Counts[n] += other.Counts[n]
		s.Total[n] += other.Total[n]
	}
}

// Of is the score of a corpus whose segments' counts have been added up: that of [BLEU.Corpus].
func (b BLEU) Of(counts Score) Score { return b.smooth(counts, false) }

// Sentence scores one text by the orders that it has n-grams of.
func (b BLEU) Sentence(hypothesis string, references []string) (Score, error) {
	var s Score
	if len(references) == 0 {
		return s, fmt.Errorf("BLEU: no references; needs at least one")
	}
	if err := b.count(&s, hypothesis, references); err != nil {
		return s, err
	}
	return b.smooth(s, true), nil
}

func (b BLEU) count(s *Score, hypothesis string, references []string) error {
	said, err := b.words(hypothesis)
	if err != nil {
		return err
	}
	var most [orders]map[string]int // of each n-gram in any one reference
	nearest := -1
	for _, r := range references {
		want, err := b.words(r)
		if err != nil {
			return err
		}
		off, best := distance(len(said), len(want)), distance(len(said), nearest)
		if nearest < 0 || off < best || off == best && len(want) < nearest {
			nearest = len(want)
		}
		for n := range orders {
			if most[n] == nil {
				most[n] = map[string]int{}
			}
			for g, k := range grams(want, n+1) {
				most[n][g] = max(most[n][g], k)
			}
		}
	}
	s.Said += len(said)
	s.Wanted += nearest
	for n := range orders {
		for g, k := range grams(said, n+1) {
			s.Total[n] += k
			s.Counts[n] += min(k, most[n][g])
		}
	}
	return nil
}

func distance(a, b int) int { return max(a-b, b-a) }

func (b BLEU) words(s string) ([]string, error) {
	if b.Lower {
		s = strings.ToLower(s)
	}
	return b.Cut.words(strings.TrimRight(s, " \t\n\v\f\r"))
}

// smooth turns counts into the score. effective leaves out the orders that the hypothesis
// is too short for.
func (b BLEU) smooth(s Score, effective bool) Score {
	s.Brevity = 1
	if s.Said < s.Wanted {
		s.Brevity = 0
		if s.Said > 0 {
			s.Brevity = math.Exp(1 - float64(s.Wanted)/float64(s.Said))
		}
	}
	if s.Counts == [orders]int{} {
		return s
	}
	halved, used := 1.0, orders
	for n := range orders {
		if b.Smoothing == SmoothAddK && n > 0 {
			s.Counts[n]++
			s.Total[n]++
		}
		if s.Total[n] == 0 {
			break
		}
		if effective {
			used = n + 1
		}
		switch total := float64(s.Total[n]); {
		case s.Counts[n] > 0:
			s.Precisions[n] = 100 * float64(s.Counts[n]) / total
		case b.Smoothing == "" || b.Smoothing == SmoothExp:
			halved *= 2
			s.Precisions[n] = 100 / (halved * total)
		case b.Smoothing == SmoothFloor:
			s.Precisions[n] = 100 * 0.1 / total
		}
	}
	sum := 0.0
	for _, p := range s.Precisions[:used] {
		if p == 0 {
			s.Value = 0
			return s
		}
		sum += math.Log(p)
	}
	s.Value = s.Brevity * math.Exp(sum/float64(used))
	return s
}
