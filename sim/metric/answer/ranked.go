package answer

import (
	"fmt"
	"math"
	"slices"
)

// Ranked is what a score of one class, or a probability, says about yes and no.
type Ranked struct {
	positive []bool
	score    []float64
}

// Rank pairs scores with what is true.
func Rank(positive []bool, score []float64) (Ranked, error) {
	if err := same(len(positive), len(score)); err != nil {
		return Ranked{}, err
	}
	return Ranked{positive, score}, finite("score", score)
}

// AUROC is the share of pairs of a positive and a negative that the score puts in the right
// order, ties half; NaN where all are of one class.
func (r Ranked) AUROC() float64 {
	order := r.byScore()
	var pairs, positives, below float64 // below: negatives with a smaller score
	for at := len(order); at > 0; {
		from := at - 1
		for from > 0 && r.score[order[from-1]] == r.score[order[at-1]] {
			from--
		}
		var yes, no float64
		for _, i := range order[from:at] {
			if r.positive[i] {
				yes++
			} else {
				no++
			}
		}
		pairs += yes * (below + no/2)
		positives += yes
		below += no
		at = from
	}
	return pairs / (positives * below)
}

// byScore lists the places, largest score first.
func (r Ranked) byScore() []int {
	order := make([]int, len(r.score))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case r.score[i] > r.score[j]:
			return -1
		case r.score[i] < r.score[j]:
			return 1
		}
		return 0
	})
	return order
}

// AveragePrecision is Σ (R_n − R_{n−1}) P_n over the distinct scores, largest first; 0
// where nothing is positive.
func (r Ranked) AveragePrecision() float64 {
	positives := 0.0
	for _, p := range r.positive {
		if p {
			positives++
		}
	}
	if positives == 0 {
		return 0
	}
	order := r.byScore()
	sum, found, before := 0.0, 0.0, 0.0
	for k, i := range order {
		if r.positive[i] {
			found++
		}
		if k+1 < len(order) && r.score[order[k+1]] == r.score[i] {
			continue
		}
		sum += (found - before) / positives * (found / float64(k+1))
		before = found
	}
	return sum
}

// clip keeps a probability off 0 and 1, as scikit-learn does: by float64's own step.
func clip(p float64) float64 { return min(max(p, 0x1p-52), 1-0x1p-52) }

// LogLoss is the mean of −ln of the probability given to what is true, in nats; the score
// is taken for a probability, kept 2⁻⁵² off 0 and 1.
func (r Ranked) LogLoss() float64 {
	sum := 0.0
	for i, p := range r.score {
		if !r.positive[i] {
			p = 1 - p
		}
		sum -= math.Log(clip(p))
	}
	return sum / float64(len(r.score))
}

// Brier is the mean squared distance of the probability from 0 or 1.
func (r Ranked) Brier() float64 {
	sum := 0.0
	for i, p := range r.score {
		if r.positive[i] {
			p = 1 - p
		}
		sum += float64(p * p)
	}
	return sum / float64(len(r.score))
}

// Classes is probabilities over several classes, a row an example.
type Classes struct {
	truth       []int
	probability [][]float64
}

// RankClasses pairs rows of probabilities with the true class of each, from 0 on.
func RankClasses(truth []int, probability [][]float64) (Classes, error) {
	if err := same(len(truth), len(probability)); err != nil {
		return Classes{}, err
	}
	for i, row := range probability {
		if len(row) != len(probability[0]) || truth[i] < 0 || truth[i] >= len(row) {
			return Classes{}, fmt.Errorf("example %d: class %d of %d probabilities; needs a class within, and as many probabilities in every row", i, truth[i], len(row))
		}
		if err := finite(fmt.Sprintf("probability[%d]", i), row); err != nil {
			return Classes{}, err
		}
	}
	return Classes{truth, probability}, nil
}

// oneVersus is the ranking of class a by its probability, among the examples that keep says.
func (c Classes) oneVersus(a int, keep func(class int) bool) Ranked {
	var r Ranked
	for i, t := range c.truth {
		if keep(t) {
			r.positive, r.score = append(r.positive, t == a), append(r.score, c.probability[i][a])
		}
	}
	return r
}

// AUROC is the mean over classes of one against the rest; weighted by how often the class
// is true, or all alike.
func (c Classes) AUROC(weighted bool) float64 {
	sum, weight := 0.0, 0.0
	for a := range c.probability[0] {
		w := 1.0
		if weighted {
			w = 0
			for _, t := range c.truth {
				if t == a {
					w++
				}
			}
		}
		sum += w * c.oneVersus(a, func(int) bool { return true }).AUROC()
		weight += w
	}
	return sum / weight
}

// PairwiseAUROC is the mean over pairs of classes (Hand and Till 2001): each against the
// other, by the probability of either.
func (c Classes) PairwiseAUROC() float64 {
	sum, n := 0.0, 0.0
	for a := range c.probability[0] {
		for b := range a {
			both := func(t int) bool { return t == a || t == b }
			sum += (c.oneVersus(a, both).AUROC() + c.oneVersus(b, both).AUROC()) / 2
			n++
		}
	}
	return sum / n
}

// LogLoss is the mean of −ln of the probability of the true class, in nats.
func (c Classes) LogLoss() float64 {
	sum := 0.0
	for i, t := range c.truth {
		sum -= math.Log(clip(c.probability[i][t]))
	}
	return sum / float64(len(c.truth))
}
