package answer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Confusion counts answers by what is true and what was said.
type Confusion struct {
	Labels []string // the list that F1, precision and recall are taken over
	Count  [][]int  // [true][said], in the order of Labels

	of    []int // how often each label is true, whatever was said
	said  []int // how often each was said, whatever was true
	whole *Confusion
	n     int
}

// Confuse counts. labels is the list of classes; nil takes those that occur, which makes a
// class of every answer off the list: its F1 is 0 and pulls the macro mean down. Give the
// list. Accuracy, balanced accuracy, MCC and kappa look at all answers, whatever the list.
func Confuse(truth, said, labels []string) (*Confusion, error) {
	if err := same(len(truth), len(said)); err != nil {
		return nil, err
	}
	all := occurring(truth, said)
	whole := count(truth, said, all)
	whole.whole = whole
	if labels == nil {
		return whole, nil
	}
	if len(labels) == 0 {
		return nil, fmt.Errorf("an empty list of labels; needs at least 1, or none to take those that occur")
	}
	c := count(truth, said, labels)
	c.whole = whole
	return c, nil
}

// occurring lists the labels that occur, in order: of numbers if all are, of text otherwise.
func occurring(lists ...[]string) []string {
	var out []string
	numbers := true
	for _, list := range lists {
		for _, l := range list {
			_, err := strconv.ParseFloat(l, 64)
			numbers = numbers && err == nil
			out = append(out, l)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if numbers {
		slices.SortStableFunc(out, func(a, b string) int {
			x, _ := strconv.ParseFloat(a, 64)
			y, _ := strconv.ParseFloat(b, 64)
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
	}
	return out
}

func count(truth, said, labels []string) *Confusion {
	k := len(labels)
	c := &Confusion{Labels: labels, Count: make([][]int, k), of: make([]int, k), said: make([]int, k), n: len(truth)}
	at := make(map[string]int, k)
	for i, l := range labels {
		c.Count[i] = make([]int, k)
		at[l] = i
	}
	for i := range truth {
		t, known := at[truth[i]]
		s, listed := at[said[i]]
		if known {
			c.of[t]++
		}
		if listed {
			c.said[s]++
		}
		if known && listed {
			c.Count[t][s]++
		}
	}
	return c
}

// Accuracy is the share of right answers.
func (c *Confusion) Accuracy() float64 {
	right := 0
	for i := range c.whole.Labels {
		right += c.whole.Count[i][i]
	}
	return float64(right) / float64(c.n)
}

// BalancedAccuracy is the mean recall over the classes that are true somewhere.
func (c *Confusion) BalancedAccuracy() float64 {
	sum, n := 0.0, 0
	for i := range c.whole.Labels {
		if c.whole.of[i] > 0 {
			sum += c.whole.Recall(i)
			n++
		}
	}
	return sum / float64(n)
}

// MCC is Matthews' correlation coefficient, for any number of classes (Gorodkin 2004); 0
// where all is of one class, true or said.
func (c *Confusion) MCC() float64 {
	w := c.whole
	n := float64(w.n)
	var right, both, of, said float64
	for i := range w.Labels {
		t, s := float64(w.of[i]), float64(w.said[i])
		right += float64(w.Count[i][i])
		both += float64(t * s)
		of += float64(t * t)
		said += float64(s * s)
	}
	below := float64((n*n - said) * (n*n - of))
	if below == 0 {
		return 0
	}
	return (float64(right*n) - both) / math.Sqrt(below)
}

// Kappa is Cohen's: agreement beyond chance; NaN where chance alone agrees always.
func (c *Confusion) Kappa() float64 {
	w := c.whole
	chance := 0.0
	for i := range w.Labels {
		chance += float64(w.of[i]) / float64(w.n) * float64(w.said[i]) / float64(w.n)
	}
	if chance == 1 {
		return math.NaN()
	}
	return (c.Accuracy() - chance) / (1 - chance)
}

// Precision is the share of right ones among the answers of class i; 0 where there are none.
func (c *Confusion) Precision(i int) float64 { return share(c.Count[i][i], c.said[i], 0) }

// Recall is the share of class i that was found; 0 where it is true nowhere.
func (c *Confusion) Recall(i int) float64 { return share(c.Count[i][i], c.of[i], 0) }

// F1 of class i is 2·right / (said + true); absent is its value where the class is neither
// true nor said anywhere.
func (c *Confusion) F1(i int, absent float64) float64 {
	return share(2*c.Count[i][i], c.said[i]+c.of[i], absent)
}

func share(part, whole int, absent float64) float64 {
	if whole == 0 {
		return absent
	}
	return float64(part) / float64(whole)
}

// MacroF1 is the plain mean of F1 over the labels, each class alike; one that is neither
// true nor said counts as absent, and not at all where absent is NaN.
func (c *Confusion) MacroF1(absent float64) float64 {
	return c.Macro(func(i int) float64 { return c.F1(i, absent) })
}

// Macro is the plain mean of a number over the labels; NaN is left out.
func (c *Confusion) Macro(of func(i int) float64) float64 {
	sum, n := 0.0, 0
	for i := range c.Labels {
		if x := of(i); !math.IsNaN(x) {
			sum += x
			n++
		}
	}
	return sum / float64(n)
}

// MicroF1 pools the counts of all labels: with every class on the list it is accuracy.
func (c *Confusion) MicroF1() float64 {
	right, both := 0, 0
	for i := range c.Labels {
		right += c.Count[i][i]
		both += c.of[i] + c.said[i]
	}
	return share(2*right, both, 0)
}

// WeightedF1 weighs the labels by how often they are true.
func (c *Confusion) WeightedF1() float64 {
	sum, weight := 0.0, 0
	for i := range c.Labels {
		sum += float64(c.of[i]) * c.F1(i, 0)
		weight += c.of[i]
	}
	if weight == 0 {
		return 0
	}
	return sum / float64(weight)
}
