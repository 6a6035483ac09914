package claims

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/stat"
	"github.com/loramesh/loramesh/sim/ledger"
)

// judge fills in what a run says of a claim.
func (t trying) judge(run *results.Run, o *Outcome) error {
	o.Also = t.Also
	for _, place := range t.places(run) {
		p, err := t.pointAt(run, place, t.Measure)
		if err != nil {
			return err
		}
		for _, name := range t.Also {
			also, err := t.pointAt(run, place, name)
			if err != nil {
				return err
			}
			p.Also = append(p.Also, also.Value)
		}
		if t.Against != "" && place != t.Against {
			pair, err := t.pair(run, place)
			if err != nil {
				return err
			}
			p.Minus, p.Differ = t.Against, ledger.Number(pair.Mean)
		}
		o.Points = append(o.Points, p)
	}
	for _, x := range run.Trials {
		if !slices.Contains(o.Seeds, x.Head.Seed) {
			o.Seeds = append(o.Seeds, x.Head.Seed)
		}
	}
	if t.Kind == Curve {
		o.Verdict, o.Why = Shown, fmt.Sprintf("%s over %s", t.Measure, seedsText(len(o.Seeds)))
		return nil
	}
	pair, err := t.pair(run, t.Arm)
	if err != nil {
		return err
	}
	in, _ := pair.Best()
	mean, p := ledger.Number(pair.Mean), ledger.Number(pair.P)
	o.Difference, o.P, o.Interval = &mean, &p, []ledger.Number{ledger.Number(in.Low), ledger.Number(in.High)}
	o.Verdict, o.Why = t.verdict(pair, o)
	return nil
}

// pair is an arm minus the one that the claim compares with, seed by seed; several orders of
// tasks are a seed's units, which intervals resample within it.
func (t trying) pair(run *results.Run, arm string) (*stat.Paired, error) {
	h, err := t.differ(run, arm, t.Against)
	if err != nil {
		return nil, err
	}
	return stat.Compare(h, stat.Usual(t.Higher, t.Margin, rng.New(1).At("claims", t.ID, arm))), nil
}

// verdict is what may be said, and why no more.
func (t trying) verdict(p *stat.Paired, o *Outcome) (verdict, why string) {
	v := p.Verdict()
	word := fmt.Sprintf("%s against %s: %s", t.Arm, t.Against, v)
	if t.quick || len(p.Differences) < stat.EnoughSeeds {
		return Direction, fmt.Sprintf("%s; %s, and a verdict needs %d and every arm tuned", word, seedsText(len(p.Differences)), stat.EnoughSeeds)
	}
	var edge []string
	for _, x := range o.Tuning {
		if x.Edge && (x.Arm == t.Arm || x.Arm == t.Against) {
			edge = append(edge, fmt.Sprintf("%s at %g", x.Arm, x.Best))
		}
	}
	if len(edge) > 0 {
		return Undecided, fmt.Sprintf("%s; the best of %s is at the edge of the grid (%s), which voids a verdict until the grid is wider", word, t.Grid.Key, strings.Join(edge, ", "))
	}
	holds := v == stat.Better
	if t.Kind == Equivalence {
		holds = v == stat.Same || v == stat.Negligible
	}
	switch {
	case holds:
		return Holds, word
	case v == stat.Open, v == stat.NoVerdict, v == stat.LeansUp, v == stat.LeansDown:
		return Undecided, word + "; " + missing(p)
	}
	return HoldsNot, word
}

// missing says what there is too little of for a verdict: questions that all seeds share, where
// the interval is wide by them more than by the seeds, or else seeds.
func missing(p *stat.Paired) string {
	if p.Crossed && p.OfMean.High-p.OfMean.Low > 1.5*(p.ByT.High-p.ByT.Low) {
		return "the interval is wide by the questions, of which there are too few, more than by the seeds"
	}
	return fmt.Sprintf("about %d seeds would find a difference of the margin", p.Needed)
}

func seedsText(n int) string {
	if n == 1 {
		return "one seed"
	}
	return fmt.Sprintf("%d seeds", n)
}
