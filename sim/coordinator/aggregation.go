package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/metric"
)

// aggregation measures how far the change from one deployed model to the next is from the
// example-weighted sum of what the round's reports learned; see [lora.Gap]. The host
// measures it for every method alike, whatever weights the method itself used: p_k = n_k/Σn
// over the reports that bring an adapter. Beside it stand how far the clients went apart
// ([lora.DriftMeter]) and what directions the change has ([lora.ChangeMeter]). A round without such a report has none, and nor has
// a model with routers: what it adds to the base differs from token to token, and is no change.
func (m *Machine) aggregation(all reports, before, now method.Model) ([]ledger.Value, error) {
	if len(before.Routers)+len(now.Routers) > 0 {
		return nil, nil
	}
	s := m.open.brought
	if s == nil { // nobody had the time while the method folded
		s = m.measure(all)
	}
	if s.err != nil || s.reports == 0 {
		return nil, s.err
	}
	g, weight := &s.gap, float64(s.reports)
	common := commonPrefix(before.Attach, now.Attach)
	if err := m.attached(before.Attach[common:], g.Previous); err != nil {
		return nil, err
	}
	if err := m.attached(now.Attach[common:], g.Deployed); err != nil {
		return nil, err
	}
	whole, modules, gaps := g.Gaps()
	out := gapValues("", whole, weight)
	for i, module := range modules {
		out = append(out, gapValues("module="+module, gaps[i], weight)...)
	}
	out = append(out, ledger.Value{Name: metric.ClientDrift, Value: ledger.Number(s.drift.Drift(whole.Wanted)), Weight: weight})
	learned, overlaps := s.drift.Overlaps()
	out = append(out, byModule(metric.ClientOverlap, learned, overlaps)...)
	shapes, err := g.Change.Shapes()
	if lora.NotFinite(err) { // the gap says so too, and divergence is somebody else's to accuse
		return out, nil
	}
	var effective, stable []float64
	modules = nil
	for _, s := range shapes {
		modules, effective, stable = append(modules, s.Module), append(effective, s.Effective), append(stable, s.Stable)
	}
	return slices.Concat(out, byModule(metric.RoundEffective, modules, effective), byModule(metric.RoundStable, modules, stable)), err
}

// gapValues are an aggregation error, absolute and relative.
func gapValues(group string, g lora.Gap, weight float64) []ledger.Value {
	return []ledger.Value{{Name: metric.AggError, Group: group, Value: ledger.Number(g.Absolute), Weight: weight},
		{Name: metric.AggRelative, Group: group, Value: ledger.Number(g.Relative()), Weight: weight}}
}

// byModule is the mean over modules, and what each has.
func byModule(name string, modules []string, x []float64) (out []ledger.Value) {
	if len(x) == 0 {
		return nil
	}
	out = []ledger.Value{{Name: name, Value: ledger.Number(linalg.Sum(x) / float64(len(x))), Weight: float64(len(x))}}
	for i, m := range modules {
		out = append(out, ledger.Value{Name: name, Group: "module=" + m, Value: ledger.Number(x[i]), Weight: 1})
	}
	return out
}

// previous is the model that a fold of the present member starts from: what it deployed
// last, or what it builds on where it has deployed nothing yet on this base. Where what it
// builds on has changed since, as in a later stage of a chain, no model is, for what it
// would have deployed on the new start is not known.
func (m *Machine) previous() (method.Model, bool) {
	d := m.standing().deployed
	if d == nil || d.base != m.stage().Base {
		return m.start, true
	}
	return d.model, digest(d.start) == digest(m.start)
}

// learned takes the adapters of one report in, with what they began from.
func (m *Machine) learned(g *lora.GapMeter, drift *lora.DriftMeter, share float64, rep method.Report) error {
	defer m.blobs.Hold()()
	open := func(list []method.Named) (out []lora.Adapter, err error) {
		for _, x := range list {
			a, is, err := m.adapter(x.Blob)
			if err != nil {
				return nil, err
			}
			if is {
				out = append(out, a)
			}
		}
		return out, nil
	}
	made, err := open(rep.Made)
	if err != nil {
		return err
	}
	began, err := open(rep.Began)
	if err != nil {
		return err
	}
	for _, a := range made {
		g.Made(share, a)
	}
	for _, a := range began {
		g.Began(share, a)
	}
	if len(made) == 0 {
		return nil
	}
	return drift.Client(share, made, began)
}

// attached hands the adapters of a model's attachments to add.
func (m *Machine) attached(list []method.Attach, add func(float64, lora.Adapter)) error {
	for _, at := range list {
		a, is, err := m.adapter(at.From.Blob)
		if err != nil {
			return err
		}
		if !is {
			panic(fmt.Sprintf("coordinator: attachment %q was deployed and is no adapter", at.Name))
		}
		if at.Rank > 0 {
			if a, err = a.Truncate(at.Rank); err != nil {
				return err
			}
		}
		add(at.Scale, a)
	}
	return nil
}

// commonPrefix counts the attachments that two models have in common from the first on:
// what was deployed before and still is cancels out, and need not be opened.
func commonPrefix(a, b []method.Attach) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
