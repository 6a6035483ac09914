package sim

import (
	"context"

	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/train"
)

// Run carries out one trial in this goroutine: the reference that every other way of
// running must equal, bit for bit. It asks the methods, does each lease in order, and
// returns when the last line of the ledger is written. A context that is done ends it
// between two steps of training, and its cause is what Run returns.
func Run(ctx context.Context, s Setup) error {
	err := run(ctx, s)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx) // rather than what broke because of it
	}
	return err
}

func run(ctx context.Context, s Setup) error {
	m, err := s.Machine(ctx)
	if err != nil {
		return err
	}
	here := inline{asker: NewAsker(s), trainer: s.Trainer(&train.Merged{}), gauge: NewGauge(s)}
	defer here.asker.Close()
	todo := []coordinator.Input{coordinator.Begin{}}
	for len(todo) > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		effects, err := m.Step(todo[0])
		if err != nil {
			return err
		}
		todo = todo[1:]
		for len(effects) > 0 {
			e := effects[0]
			effects = effects[1:]
			here.gauge.Effect(e)
			switch e.(type) {
			case coordinator.Finished:
				return nil
			case coordinator.Rest:
				more, err := m.Rest()
				if err != nil {
					return err
				}
				effects = append(more, effects...)
				continue
			}
			in, err := here.carryOut(ctx, e)
			if err != nil {
				return err
			}
			todo = append(todo, in...)
		}
	}
	panic("sim: the coordinator waits for nothing and has not finished")
}

// inline carries out effects where it is called.
type inline struct {
	asker   *Asker
	trainer *train.Trainer
	gauge   *Gauge
}

func (h inline) carryOut(ctx context.Context, e coordinator.Effect) ([]coordinator.Input, error) {
	if _, recall := e.(coordinator.Recall); recall {
		return nil, nil // what was asked of this goroutine has been done
	}
	work, ok := e.(coordinator.DoWork)
	if !ok {
		in, err := h.asker.Ask(ctx, e)
		return []coordinator.Input{in}, err
	}
	in := make([]coordinator.Input, len(work.Leases))
	for i, l := range work.Leases {
		r, err := h.trainer.Work(l.Work(), func(train.Step) error { return context.Cause(ctx) })
		if err != nil {
			return nil, err
		}
		h.gauge.Worked(l.Key)
		in[i] = &coordinator.Worked{Key: l.Key, Response: r}
	}
	return in, nil
}
