package answer

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Rates is what one group gets. Shares over nothing are NaN.
type Rates struct {
	N              int
	Accuracy       float64
	Selected       float64 // share of answers that are positive
	TPR, FPR       float64 // of the positives found, of the negatives called positive
	positives, neg int
}

// Groups is the rates of each group and of all together.
type Groups struct {
	Names []string // sorted
	Of    map[string]Rates
	All   Rates
	Cells map[Cell]float64 // accuracy of each class within each group
}

// Cell is a class within a group.
type Cell struct{ Class, Group string }

// ByGroup judges answers group by group, one class, positive, against the rest.
func ByGroup(truth, said, group []string, positive string) (*Groups, error) {
	if err := same(len(truth), len(said)); err != nil {
		return nil, err
	}
	if len(group) != len(truth) {
		return nil, fmt.Errorf("%d answers and %d groups; needs a group for each", len(truth), len(group))
	}
	members := map[string][]int{}
	cells := map[Cell][2]int{}
	all := make([]int, len(truth))
	for i := range truth {
		all[i] = i
		members[group[i]] = append(members[group[i]], i)
		c := cells[Cell{truth[i], group[i]}]
		c[1]++
		if truth[i] == said[i] {
			c[0]++
		}
		cells[Cell{truth[i], group[i]}] = c
	}
	g := &Groups{Names: slices.Sorted(maps.Keys(members)), Of: map[string]Rates{}, Cells: map[Cell]float64{}}
	g.All = rates(truth, said, positive, all)
	for name, of := range members {
		g.Of[name] = rates(truth, said, positive, of)
	}
	for c, n := range cells {
		g.Cells[c] = float64(n[0]) / float64(n[1])
	}
	return g, nil
}

func rates(truth, said []string, positive string, of []int) Rates {
	var right, selected, hit, alarm int
	r := Rates{N: len(of)}
	for _, i := range of {
		yes, called := truth[i] == positive, said[i] == positive
		if truth[i] == said[i] {
			right++
		}
		if called {
			selected++
		}
		switch {
		case yes && called:
			hit++
		case called:
			alarm++
		}
		if yes {
			r.positives++
		} else {
			r.neg++
		}
	}
	nan := math.NaN()
	r.Accuracy, r.Selected = share(right, r.N, nan), share(selected, r.N, nan)
	r.TPR, r.FPR = share(hit, r.positives, nan), share(alarm, r.neg, nan)
	return r
}

// Undefined says what to do with a group that has no positives (for the TPR) or no
// negatives (for the FPR).
type Undefined int

// Treatments. Left out is ours; as nought is fairlearn's, and lets an empty group decide.
const (
	LeftOut Undefined = iota
	AsNought
)

// span is the least and the greatest of a rate over the groups that have it.
func (g *Groups) span(of func(Rates) float64, how Undefined) (low, high float64) {
	low, high = math.NaN(), math.NaN()
	for _, name := range g.Names {
		x := of(g.Of[name])
		if math.IsNaN(x) {
			if how == LeftOut {
				continue
			}
			x = 0
		}
		if math.IsNaN(low) {
			low, high = x, x
		}
		low, high = min(low, x), max(high, x)
	}
	return low, high
}

func gap(low, high float64) float64 { return high - low }

func tpr(r Rates) float64      { return r.TPR }
func fpr(r Rates) float64      { return r.FPR }
func selected(r Rates) float64 { return r.Selected }
func accuracy(r Rates) float64 { return r.Accuracy }

// EqualOpportunity is the gap in TPR: largest minus smallest over groups.
func (g *Groups) EqualOpportunity(how Undefined) float64 { return gap(g.span(tpr, how)) }

// EODWorst is the equalised odds difference as fairlearn has it: the larger of the gaps in
// TPR and FPR.
func (g *Groups) EODWorst(how Undefined) float64 {
	return max(gap(g.span(tpr, how)), gap(g.span(fpr, how)))
}

// EODMean is the equalised odds difference as FairNet has it: half the sum of the two gaps.
func (g *Groups) EODMean(how Undefined) float64 {
	return (gap(g.span(tpr, how)) + gap(g.span(fpr, how))) / 2
}

// EODRatio is the smaller of the ratios of smallest to largest TPR and FPR. A ratio 0/0 of
// the FPR says nothing and the other stands; of the TPR it leaves none.
func (g *Groups) EODRatio(how Undefined) float64 {
	t, f := ratio(g.span(tpr, how)), ratio(g.span(fpr, how))
	if f < t {
		return f
	}
	return t
}

func ratio(low, high float64) float64 { return low / high }

// DemographicParity is the gap in the share of positive answers.
func (g *Groups) DemographicParity() float64 { return gap(g.span(selected, LeftOut)) }

// DemographicParityRatio is the smallest of those shares over the largest; NaN where
// nothing is answered positive.
func (g *Groups) DemographicParityRatio() float64 { return ratio(g.span(selected, LeftOut)) }

// DemographicParityToAll is the largest distance of a group's share from that of all.
func (g *Groups) DemographicParityToAll() float64 {
	low, high := g.span(selected, LeftOut)
	return max(math.Abs(low-g.All.Selected), math.Abs(high-g.All.Selected))
}

// Accuracies are the least and the greatest accuracy of a group.
func (g *Groups) Accuracies() (worst, best float64) { return g.span(accuracy, LeftOut) }

// WorstCell is the least accuracy of a class within a group: what papers on distributional
// robustness call the worst group.
func (g *Groups) WorstCell() float64 {
	worst := math.NaN()
	for _, x := range g.Cells {
		if math.IsNaN(worst) || x < worst {
			worst = x
		}
	}
	return worst
}
