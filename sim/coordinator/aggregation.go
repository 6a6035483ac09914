package coordinator

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/metric"
)

// aggregation measures how far what is deployed now is from the example-weighted sum of
// what the round's reports learned; see [lora.Gap]. The host measures it for every method
// alike, whatever weights the method itself used. A round whose reports are no adapters
// has none.
func (m *Machine) aggregation(reports method.Reports, before method.Model) ([]ledger.Value, error) {
	n, err := method.Examples(reports)
	if err != nil || n == 0 {
		return nil, err
	}
	var g lora.GapMeter
	learned := 0
	for rep, err := range reports.All() {
		if err != nil {
			return nil, err
		}
		k, err := m.learned(&g, float64(rep.Examples)/n, rep)
		if err != nil {
			return nil, fmt.Errorf("report of %s: %w", rep.From, err)
		}
		learned += k
	}
	if learned == 0 {
		return nil, nil
	}
	common := commonPrefix(before.Attach, m.deploy.Attach)
	if err := m.attached(before.Attach[common:], g.Previous); err != nil {
		return nil, err
	}
	if err := m.attached(m.deploy.Attach[common:], g.Deployed); err != nil {
		return nil, err
	}
	gap := g.Gap()
	weight := float64(reports.Len())
	return []ledger.Value{
		{Name: metric.AggError, Value: ledger.Number(gap.Absolute), Weight: weight},
		{Name: metric.AggRelative, Value: ledger.Number(gap.Relative()), Weight: weight},
	}, nil
}

// learned takes the adapters of one report in, with what they began from, and counts them.
func (m *Machine) learned(g *lora.GapMeter, share float64, rep method.Report) (n int, err error) {
	for _, made := range rep.Made {
		a, ok, err := m.adapter(made.Blob)
		if err != nil {
			return 0, err
		}
		if !ok {
			continue
		}
		g.Made(share, a)
		n++
	}
	for _, began := range rep.Began {
		a, ok, err := m.adapter(began.Blob)
		if err != nil {
			return 0, err
		}
		if ok {
			g.Began(share, a)
		}
	}
	return n, nil
}

// attached hands the adapters of a model's attachments to add.
func (m *Machine) attached(list []method.Attach, add func(float64, lora.Adapter)) error {
	for _, at := range list {
		a, ok, err := m.adapter(at.From.Blob)
		if err != nil {
			return err
		}
		if !ok {
			continue
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

// adapter opens a blob, and says whether it is one.
func (m *Machine) adapter(b method.Blob) (lora.Adapter, bool, error) {
	t, err := m.blobs.Open(b)
	if err != nil || !lora.Is(t) {
		return nil, false, err
	}
	a, err := lora.Parse(t)
	return a, true, err
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
