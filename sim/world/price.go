package world

import (
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/scenario"
)

// Price is the cost model. Work is nominal: a forward pass takes 2 operations a weight and
// token, and 4·T·Width a block and token for attention over T tokens; the way back through
// frozen weights takes as much again; an adapter's own weights take 2 forward and 4 back, 2
// back where their factor is frozen.
// The work of adapters that run frozen beside the weights is not counted, nor that of merging;
// they travel like all that a lease names, and [World.Room] is what they must fit into.
// Time is latency and jitter, download, work, upload, one after the other. A device field
// that is 0 costs nothing. Energy is power times the time of each part; who waits for a message
// draws none.
//
// What it returns prices one participant after the other, for one goroutine: what all of them have in
// common is worked out once.
func (w *World) Price(stage int, r method.Recipe) func(id method.ID, times int) coordinator.Price {
	flops := w.flops(stage, r)
	var last toll // of the participant before: most of a class are charged alike, and share what charges them
	spent := last.spent
	return func(id method.ID, times int) coordinator.Price {
		if id.Pool == coordinator.EvaluationPool {
			return coordinator.Price{Spent: func(float64, int64, int64) coordinator.Spent { return coordinator.Spent{} }}
		}
		_, d := w.home(id).lot(id.Index)
		x := toll{latencySec: d.LatencySec, jitterSec: w.jitter(d, id, times), slow: w.slow(id, times),
			downPerSec: d.DownPerSec, flopsPerSec: d.FlopsPerSec, upPerSec: d.UpPerSec, energy: d.Energy}
		if x != last {
			last, spent = x, x.spent
		}
		return coordinator.Price{Flops: flops(id), Spent: spent}
	}
}

// toll is what a device and its link charge, this time.
type toll struct {
	latencySec, jitterSec             float64
	slow                              float64 // times
	downPerSec, flopsPerSec, upPerSec float64
	energy                            scenario.Energy
}

func (x toll) spent(flops float64, down, up int64) coordinator.Spent {
	coming, work, going := per(float64(down), x.downPerSec), per(flops, x.flopsPerSec), per(float64(up), x.upPerSec)
	sec := x.latencySec + x.jitterSec + coming + work + going
	return coordinator.Spent{Time: method.Seconds(sec * x.slow), Energy: float64(x.energy.Joules(work, going, coming) * x.slow)}
}

// jitter is how much longer the link of a participant takes this time.
func (w *World) jitter(d scenario.Device, id method.ID, times int) float64 {
	if d.JitterSec <= 0 {
		return 0
	}
	return float64(w.key.At("jitter", id.Pool, id.Index, times).Stream().Float64() * d.JitterSec)
}

// slow is how many times as long a participant takes this time.
func (w *World) slow(id method.ID, times int) float64 {
	if f := w.pool(id.Pool).faults; w.strikes(f.Slow, "slow", id, times) {
		return f.Times
	}
	return 1
}

func per(amount, rate float64) float64 {
	if rate == 0 {
		return 0
	}
	return amount / rate
}

// flops is the nominal work of a recipe on the rows of participants.
func (w *World) flops(stage int, r method.Recipe) func(method.ID) float64 {
	switch r := r.(type) {
	case method.Fit:
		return w.fitFlops(stage, r)
	case method.Score:
		return func(id method.ID) float64 { return w.scoreFlops(stage, id, r) }
	case method.Probe:
		return func(id method.ID) float64 { return w.probeFlops(stage, id, r) }
	case method.Sample:
		return func(id method.ID) float64 { return w.sampleFlops(stage, id, r) }
	}
	return func(method.ID) float64 { return 0 }
}

// fitFlops is the work of passes over the rows, of what is trained, and of those that it learns from.
func (w *World) fitFlops(stage int, r method.Fit) func(method.ID) float64 {
	b, err := w.Base(r.Model.Base)
	if err != nil {
		return func(method.ID) float64 { return 0 }
	}
	there, adapter := float64(learningPasses(r.Objective)), float64(w.adapterFlops(b, r))
	var room []Row // of the participant before
	return func(id method.ID) float64 {
		rows, err := w.choose(room[:0], stage, id, r.Data)
		if err != nil {
			return 0
		}
		room = rows
		l, ok := w.read(b, rows)
		if !ok || l.rows == 0 {
			return 0
		}
		passes := float64(Examples(r, l.rows)) / float64(l.rows)
		once := float64(2*l.forward()) + float64(adapter*l.tokens)
		work := passes * (float64(there*once) + w.teaching(stage, id, r))
		return work + w.controlFlops(b, r, Updates(r, l.rows))
	}
}
