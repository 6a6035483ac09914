package main

import (
	"context"
	"fmt"
	"time"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/world"
)

// stepsWork is the training of a run without the run: what each client's batches are made of.
type stepsWork struct {
	model   *nn.Model
	clients []nn.Batch // all examples of each
	batch   int
	rank    int
}

// work reads base and data as the run will.
func (f *runBench) work(ctx context.Context) (*stepsWork, error) {
	m, err := builtin.Open(f.method)
	if err != nil {
		return nil, err
	}
	trial, err := benchTrial("bench.yaml", f.scenario(), m.Describe())
	if err != nil {
		return nil, err
	}
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	a := world.NewAssets(newFiles(), diskCache{cache}, nil)
	a.Until(ctx)
	w, err := build(trial, a)
	if err != nil {
		return nil, err
	}
	s := &stepsWork{model: w.Bases[0].Model, batch: f.batch, rank: f.rank}
	for i := range f.clients {
		rows, err := w.Rows(0, method.ID{Pool: "client", Index: i}, "train")
		if err != nil {
			return nil, err
		}
		if want := f.steps * f.batch; len(rows) != want {
			return nil, fmt.Errorf("client/%d has %d examples, and %d steps of %d need %d: the data are too few, lower --clients, --steps or --batch", i, len(rows), f.steps, f.batch, want)
		}
		var b nn.Batch
		for _, r := range rows {
			x, _, err := w.Sequence(w.Bases[0], r, false)
			if err != nil {
				return nil, err
			}
			b.IDs, b.Labels = append(b.IDs, x.IDs), append(b.Labels, x.Labels)
		}
		s.clients = append(s.clients, b)
	}
	return s, nil
}

// time makes the steps of all clients in some of the rounds, and says how long they took by
// the wall and in seconds of a processor. Only steps are timed.
func (s *stepsWork) time(from, to int) (wall time.Duration, busy float64, err error) {
	step, err := trainOnly(s.model, s.rank, rng.New(1).At("bench", "run").Stream())
	if err != nil {
		return 0, 0, err
	}
	step(s.deal(0, 0)[0])
	for round := from; round < to; round++ {
		for i := range s.clients {
			batches := s.deal(round, i)
			began, at := time.Now(), cpuSeconds()
			for _, b := range batches {
				step(b)
			}
			wall, busy = wall+time.Since(began), busy+cpuSeconds()-at
		}
	}
	return wall, busy, nil
}

// deal is one pass over a client's examples.
func (s *stepsWork) deal(round, client int) (batches []nn.Batch) {
	all := s.clients[client]
	order := rng.New(1).At("bench", round, client).Stream().Perm(len(all.IDs))
	for lo := 0; lo < len(order); lo += s.batch {
		var b nn.Batch
		for _, i := range order[lo : lo+s.batch] {
			b.IDs, b.Labels = append(b.IDs, all.IDs[i]), append(b.Labels, all.Labels[i])
		}
		batches = append(batches, b)
	}
	return batches
}
