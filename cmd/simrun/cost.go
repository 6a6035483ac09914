package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/train"
	"github.com/loramesh/loramesh/sim/world"
)

// cost is what a run will take of this machine, about.
type cost struct {
	Trials  int     `json:"trials"`
	Unknown int     `json:"trials_without_end"` // that go on until a method has finished: not in the rest
	Rounds  int     `json:"rounds"`
	Leases  int     `json:"leases"`
	Flops   float64 `json:"flops"`
	Up      int64   `json:"bytes_up"`
	Down    int64   `json:"bytes_down"`
	Disk    int64   `json:"disk_bytes"`                    // at most
	Memory  int64   `json:"lease_memory_bytes"`            // of the lease that takes most
	Whom    string  `json:"lease_memory_of,omitempty"`     // whose that is
	Device  int64   `json:"device_memory_bytes,omitempty"` // what that one's device has; 0: no bound
	Rate    float64 `json:"flops_per_second"`
	Work    float64 `json:"work_seconds"` // operations by the rate
	Sec     float64 `json:"wall_seconds"` // that and the machinery around it

	largest world.Lease
}

// costOf adds up the estimates of all trials, and in d what they take of the disk.
func costOf(ctx context.Context, trials []plan.Trial, a *world.Assets, s *shelf, d disk) (c cost, err error) {
	cards, err := s.cards(ctx, methodsOf(trials))
	if err != nil {
		return c, err
	}
	for i, t := range trials {
		w, err := build(t, a)
		if err != nil {
			return c, err
		}
		chain := make([]method.Card, len(t.Scenario.Method))
		for n, m := range t.Scenario.Method {
			chain[n] = cards[m.Use]
		}
		fixed := w.Fixed(chain, make([]string, len(chain)))
		e := w.Estimate(fixed)
		c.Trials++
		if e.Rounds == 0 {
			c.Unknown++
		}
		c.Rounds += e.Rounds
		c.Leases += e.Leases
		c.Flops += e.Flops
		c.Up += e.Up
		c.Down += e.Down
		c.largest = c.largest.Worse(e.Largest)
		d.add(i, e, fixed)
	}
	c.Disk = d.most()
	c.tellLargest()
	return c, nil
}

// tellLargest says of the largest lease what stands in JSON; nothing where none is known.
func (c *cost) tellLargest() {
	l := c.largest
	if l.Memory == 0 {
		return
	}
	c.Memory, c.Whom = l.Memory, l.Whom.String()
	if !math.IsInf(l.Room, 1) {
		c.Device = int64(l.Room)
	}
}

// memoryText is a line about what the largest lease needs, and what there is; none where no lease
// is known.
func (c cost) memoryText() string {
	l := c.largest
	if l.Memory == 0 {
		return ""
	}
	text := fmt.Sprintf("\nmemory  at least %s in the largest lease, of %s", results.Bytes(float64(l.Memory)), l.Whom)
	switch {
	case math.IsInf(l.Room, 1):
		return text
	case l.Over():
		return text + fmt.Sprintf(": more than its device has, %s", results.Bytes(float64(int64(l.Room))))
	}
	return text + fmt.Sprintf(", whose device has %s", results.Bytes(float64(int64(l.Room))))
}

// timed makes the estimate one of time: of work by a rate that was stated, or that of the first
// participant of the first trial, which trains for a moment; and of what is around it.
func (c *cost) timed(trials []plan.Trial, a *world.Assets, stated float64, slots int) (err error) {
	c.Rate = stated
	if stated == 0 {
		if c.Rate, err = measured(trials[0], a); err != nil {
			return err
		}
		c.Rate *= float64(slots)
	}
	c.Work = c.Flops / c.Rate
	c.Sec = c.Work + c.machinery()
	return nil
}

// What a run takes beside its work, in seconds, as two cores of a server took of the embedded
// scenarios, and rather more than less: large runs are long by their work, short ones by these.
const (
	startSec = 0.3    // processes of the run and its methods, all trials looked at, tables and the page
	trialSec = 10e-3  // its world, its ledger opened and closed, its adapter
	roundSec = 2e-3   // plan, fold, lines, a checkpoint
	leaseSec = 100e-6 // to hand out a client-run and take it in
)

// machinery is what a run takes beside its work.
func (c *cost) machinery() float64 {
	return startSec + float64(float64(c.Trials)*trialSec) + float64(float64(c.Rounds)*roundSec) + float64(float64(c.Leases)*leaseSec)
}

// measured is the nominal rate of training on one core of this machine.
func measured(t plan.Trial, a *world.Assets) (rate float64, err error) {
	w, err := build(t, a)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "simrun-rate-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	blobs, err := blob.Create(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	fit := method.Fit{Model: method.Model{Base: t.Scenario.Stages[0].Base}, Steps: 8, Batch: 8, Objective: method.CE,
		Optimiser: method.Optimiser{Name: "adamw", LR: 1e-3}, Schedule: method.Schedule{Name: "constant"},
		Train: []method.Part{method.LoRA{Name: "lora", Modules: []string{"*.q", "*.v"}, Rank: 4, Scale: 1, Init: []method.InitAt{{Modules: "*", Init: method.Kaiming{}}}}}}
	whom := method.ID{Pool: t.Scenario.Population[0].Name}
	work := method.WorkRequest{Whom: whom, Assign: []method.Assignment{{Name: "rate", Recipe: fit}}, Draws: []uint64{1}}
	trainer := train.New(w, blobs, &train.Merged{})
	best := time.Duration(0)
	for range 2 { // the first also makes its memory
		began := time.Now()
		if _, err := trainer.Work(work, nil); err != nil {
			return 0, fmt.Errorf("measuring how fast this machine trains: %w; state it by --flops", err)
		}
		best = time.Since(began)
	}
	return w.Price(0, fit)(whom, 0).Flops / max(best.Seconds(), 1e-6), nil
}

// print tells the estimate, and how it was made.
func (c cost) print(out io.Writer, stated bool) error {
	how := "measured: a moment of training on this machine"
	if stated {
		how = "as stated"
	}
	_, err := fmt.Fprintf(out, `
about   %s of work in %d client-runs, %s up, %s down
time    about %s: %s of work at %s (%s), and %s around it
disk    at most %s%s
Made from the cost model: shards by their tokens, adapters by their ranks, frozen ones where leases name them, evaluations by
their examples. Around it: the start, and so much for each trial, round and client-run. Left out: what a method computes itself
to fold large adapters, and bases, which are made and cached by now.
`, flopsText(c.Flops), c.Leases, results.Bytes(float64(c.Up)), results.Bytes(float64(c.Down)),
		wallOf(c.Sec), wallOf(c.Work), flopsText(c.Rate)+"/s", how, wallOf(c.Sec-c.Work), results.Bytes(float64(c.Disk)), c.memoryText())
	if err == nil && c.Unknown > 0 {
		_, err = fmt.Fprintf(out, "%s on until a method has finished, and could not be estimated.\n", goes(c.Unknown))
	}
	return err
}

func wallOf(seconds float64) string {
	return results.Wall(time.Duration(seconds * float64(time.Second)))
}

func goes(n int) string {
	if n == 1 {
		return "1 trial goes"
	}
	return fmt.Sprintf("%d trials go", n)
}

// flopsText is a number of operations with its unit.
func flopsText(x float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e15, "PFLOP"}, {1e12, "TFLOP"}, {1e9, "GFLOP"}, {1e6, "MFLOP"}} {
		if x >= u.size {
			return fmt.Sprintf("%.3g %s", x/u.size, u.name)
		}
	}
	return fmt.Sprintf("%.3g FLOP", x)
}
