package results

import (
	"slices"

	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/metric"
)

// Names that the summary of a trial gives to numbers that are no evaluated metric.
const (
	UpBytes       = metric.BytesUp
	DownBytes     = metric.BytesDown
	Time          = metric.Time // virtual seconds
	Flops         = metric.Flops
	Energy        = metric.Energy
	Rounds        = "rounds"
	AggError      = metric.AggError
	AggErrorRel   = metric.AggRelative
	Drift         = metric.ClientDrift
	Overlap       = metric.ClientOverlap
	RankEffective = metric.RoundEffective
	RankStable    = metric.RoundStable
	baseKeyPrefix = "base."
)

// OfUpdates are the numbers that every fold of adapters reports.
var OfUpdates = []string{AggError, AggErrorRel, Drift, Overlap, RankEffective, RankStable}

// Measured is one number of a trial under its name: "test.loss" is the metric loss on the
// set test at the end, "base.test.loss" the same before the first round.
type Measured struct {
	Name  string
	Value float64
}

// Measures lists a trial's numbers in a fixed order: what was scored at the end, what was
// scored at the start, what follows from scores on each task after each, the means over rounds of what is measured of updates, and what it all cost.
func (t *Trial) Measures() []Measured {
	var out []Measured
	add := func(name string, v float64) {
		if !slices.ContainsFunc(out, func(m Measured) bool { return m.Name == name }) {
			out = append(out, Measured{name, v})
		}
	}
	for i := len(t.Evaluations) - 1; i >= 0; i-- {
		if e := t.Evaluations[i]; e.At != "start" && e.Round == t.End.Rounds {
			for _, v := range Overall(e.Values) {
				add(e.On+"."+v.Name, float64(v.Value))
			}
		}
	}
	for _, e := range t.Evaluations {
		if e.At == "start" {
			for _, v := range Overall(e.Values) {
				add(baseKeyPrefix+e.On+"."+v.Name, float64(v.Value))
			}
		}
	}
	for _, m := range t.learned() {
		add(m.Name, m.Value)
	}
	for _, name := range OfUpdates {
		if mean, ok := t.MeanOfFolds(name, ""); ok {
			add(name, mean)
		}
	}
	add(UpBytes, float64(t.End.Up))
	add(DownBytes, float64(t.End.Down))
	add(Time, float64(t.End.Now))
	add(Flops, t.End.Flops)
	if t.spent.Energy > 0 {
		add(Energy, t.spent.Energy)
	}
	add(Rounds, float64(t.End.Rounds))
	return out
}

// Measure looks one of the trial's numbers up.
func (t *Trial) Measure(name string) (float64, bool) {
	for _, m := range t.Measures() {
		if m.Name == name {
			return m.Value, true
		}
	}
	return 0, false
}

// Overall drops the groups of values: what has no group stands as it is; a metric that was
// measured by group only is added up by weight. A value with nothing behind it, as where a router
// was looked for and the model has none, is no number at all.
func Overall(vs []ledger.Value) []ledger.Value {
	var out []ledger.Value
	for _, v := range vs {
		if v.Group == "" && v.Weight > 0 {
			out = append(out, v)
		}
	}
	for _, v := range vs {
		if v.Group == "" || v.Weight == 0 || slices.ContainsFunc(out, func(o ledger.Value) bool { return o.Name == v.Name }) {
			continue
		}
		sum, weight := 0.0, 0.0
		for _, o := range vs {
			if o.Name == v.Name {
				sum += float64(float64(o.Value) * o.Weight)
				weight += o.Weight
			}
		}
		if weight > 0 {
			out = append(out, ledger.Value{Name: v.Name, Value: ledger.Number(sum / weight), Weight: weight})
		}
	}
	return out
}

// MeanOfFolds is the mean over rounds of a number that folds report, of a group, as in
// "module=0.q", or of all (""); ok is false where none does.
func (t *Trial) MeanOfFolds(name, group string) (mean float64, ok bool) {
	sum, n := 0.0, 0
	for _, f := range t.Folds {
		if v, ok := foldValue(f, name, group); ok {
			sum += v
			n++
		}
	}
	return sum / float64(max(n, 1)), n > 0
}

// foldValue looks a number of one fold up. The host's own come after the method's, and a
// name that both use means the host's.
func foldValue(f ledger.Fold, name, group string) (float64, bool) {
	for _, v := range slices.Backward(f.Values) {
		if v.Name == name && v.Group == group {
			return float64(v.Value), true
		}
	}
	return 0, false
}
