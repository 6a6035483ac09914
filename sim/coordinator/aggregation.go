package coordinator

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/metric"
)

// aggregation measures how far the change from one deployed model to the next is from the
// example-weighted sum of what the round's reports learned; see [lora.Gap]. The host
// measures it for every method alike, whatever weights the method itself used: p_k = n_k/Σn
// over the reports that bring an adapter. A round without such a report has none, and nor has
// a model with routers: what it adds to the base differs from token to token, and is no change.
func (m *Machine) aggregation(all method.Reports, before, now method.Model) ([]ledger.Value, error) {
	n, brought, err := m.learners(all)
	if err != nil || n == 0 || len(before.Routers)+len(now.Routers) > 0 {
		return nil, err
	}
	var g lora.GapMeter
	for rep, err := range all.All() {
		if err != nil {
			return nil, err
		}
		if err := m.learned(&g, float64(rep.Examples)/float64(n), rep); err != nil {
			return nil, fmt.Errorf("report of %s: %w", rep.From, err)
		}
	}
	common := commonPrefix(before.Attach, now.Attach)
	if err := m.attached(before.Attach[common:], g.Previous); err != nil {
		return nil, err
	}
	if err := m.attached(now.Attach[common:], g.Deployed); err != nil {
		return nil, err
	}
	gap := g.Gap()
	weight := float64(brought)
	return []ledger.Value{
		{Name: metric.AggError, Value: ledger.Number(gap.Absolute), Weight: weight},
		{Name: metric.AggRelative, Value: ledger.Number(gap.Relative()), Weight: weight},
	}, nil
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

// learners counts the reports that bring an adapter, and the examples behind them.
func (m *Machine) learners(all method.Reports) (examples, reports int, err error) {
	for rep, err := range all.All() {
		if err != nil {
			return 0, 0, err
		}
		for _, made := range rep.Made {
			x, err := m.look(made.Blob)
			if err != nil {
				return 0, 0, err
			}
			if x.adapter {
				examples += rep.Examples
				reports++
				break
			}
		}
	}
	return examples, reports, nil
}

// learned takes the adapters of one report in, with what they began from.
func (m *Machine) learned(g *lora.GapMeter, share float64, rep method.Report) error {
	take := func(list []method.Named, add func(float64, lora.Adapter)) error {
		for _, x := range list {
			a, is, err := m.adapter(x.Blob)
			if err != nil {
				return err
			}
			if is {
				add(share, a)
			}
		}
		return nil
	}
	if err := take(rep.Made, g.Made); err != nil {
		return err
	}
	return take(rep.Began, g.Began)
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
