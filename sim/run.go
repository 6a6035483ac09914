package sim

import (
	"context"

	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/train"
)

// Run carries out one trial in this goroutine: the reference that every other way of
// running must equal, bit for bit. It asks the methods, does each lease in order, and
// returns when the last line of the book is written. A cancelled context ends it between
// two steps of training.
func Run(ctx context.Context, s Setup) error {
	m, err := s.Machine(ctx)
	if err != nil {
		return err
	}
	trainer := s.Trainer(&train.Merged{})
	gauge := NewGauge(s)
	todo := []coordinator.Input{coordinator.Begin{}}
	for len(todo) > 0 {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		effects, err := m.Step(todo[0])
		if err != nil {
			return err
		}
		todo = todo[1:]
		for _, e := range effects {
			gauge.Effect(e)
			switch e := e.(type) {
			case coordinator.Finished:
				return nil
			case coordinator.DoWork:
				for _, l := range e.Leases {
					r, err := trainer.Work(l.Work, func(int, int) error { return context.Cause(ctx) })
					if err != nil {
						return err
					}
					gauge.Worked(l)
					todo = append(todo, coordinator.Worked{Key: l.Key, Response: r})
				}
			default:
				in, err := Ask(ctx, s, e)
				if err != nil {
					return err
				}
				todo = append(todo, in)
			}
		}
	}
	panic("sim: the coordinator waits for nothing and has not finished")
}
