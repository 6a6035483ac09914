package results

import (
	"iter"

	"github.com/loramesh/loramesh/sim/ledger"
)

// Number is one measured number of a run with all that tells it from others: a row of
// metrics.csv. Those of folds have no set.
type Number struct {
	Trial, Arm, Method string
	Seed               uint64
	At                 string // "start", "round", "stage-end", "end", "fold"
	Round              int    // rounds folded before it; of a fold, the number of the round itself, from 0
	TimeSec            float64
	Cost               Cost
	On, Metric, Group  string
	Value, Weight      float64
}

// Step is how many rounds had been folded when the number was there.
func (n Number) Step() int {
	if n.At == atFold {
		return n.Round + 1
	}
	return n.Round
}

// Key names the number within a trial: "test.loss", "test.loss/topic=sea".
func (n Number) Key() string {
	key := n.Metric
	if n.On != "" {
		key = n.On + "." + key
	}
	if n.Group != "" {
		key += "/" + n.Group
	}
	return key
}

const atFold = "fold"

// Numbers lists what was measured, trial by trial: evaluations, then folds.
func (r *Run) Numbers() iter.Seq[Number] {
	return func(yield func(Number) bool) {
		for _, t := range r.Trials {
			for n := range t.Numbers() {
				if !yield(n) {
					return
				}
			}
		}
	}
}

// Numbers lists what one trial measured.
func (t *Trial) Numbers() iter.Seq[Number] {
	return func(yield func(Number) bool) {
		base := Number{Trial: t.ID, Arm: t.Head.Arm, Method: t.Method(), Seed: t.Head.Seed}
		give := func(n Number, vs []ledger.Value) bool {
			for _, v := range vs {
				n.Metric, n.Group, n.Value, n.Weight = v.Name, v.Group, float64(v.Value), v.Weight
				if !yield(n) {
					return false
				}
			}
			return true
		}
		for _, e := range t.Evaluations {
			n := base
			n.At, n.Round, n.TimeSec, n.On = e.At, e.Round, float64(e.Now), e.On
			n.Cost = Cost{Up: e.Up, Down: e.Down, Flops: e.Flops, Examples: t.by(e.Round).Examples, Energy: t.by(e.Round).Energy}
			if !give(n, e.Values) {
				return
			}
		}
		for i, f := range t.Folds {
			n := base
			n.At, n.Round, n.TimeSec, n.Cost = atFold, f.Round, float64(f.Now), t.FoldCosts[i]
			if !give(n, f.Values) {
				return
			}
		}
	}
}
