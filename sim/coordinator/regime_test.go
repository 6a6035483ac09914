package coordinator

import (
	"math/rand/v2"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// under is a trial of six clients, of whom client/i takes i seconds longer than a second,
// under a regime.
func under(r Regime) *trial {
	x := one(6, 4, stacker()).ranks(1, 1, 1, 1, 1, 1)
	x.world.delay = func(id method.ID) method.Seconds { return method.Seconds(id.Index) }
	x.fixed.Members[0].Regime = r
	x.fixed.Members[0].Card.Stale = true
	return x
}

// In whatever order answers come, and however often, a trial has one hash.
func TestRegimesKnowNoOrderOfArrival(t *testing.T) {
	for name, r := range map[string]Regime{
		"deadline": {Deadline: 6},
		"over":     {Deadline: 40, Over: 2},
		"flying":   {Flying: 4, Close: 2},
		"async":    {Flying: 5, Close: 1},
	} {
		fresh := func() *trial {
			x := under(r)
			if r.Over > 0 {
				x.fixed.Pools[0].Cohort = 3
			}
			return x
		}
		want := fresh().mustRun(t).hash
		for seed := range uint64(20) {
			x := fresh()
			draw := rand.New(rand.NewPCG(seed, 0))
			x.arrive = func(in []Input) []Input {
				in = append(in, in...)
				draw.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
				return in
			}
			if got := x.mustRun(t).hash; got != want {
				t.Errorf("%s: with order %d the trial has hash %.8s, not %.8s", name, seed, got, want)
			}
		}
	}
}

// Who cannot be in time is recalled, and never waited for; all that was asked of them is
// charged but for the upload.
func TestTheLateAreNotWaitedFor(t *testing.T) {
	x := under(Regime{Deadline: 5.9})
	var recalled []Key
	x.watch = func(_ Input, effects []Effect) {
		for _, e := range effects {
			if r, ok := e.(Recall); ok {
				recalled = append(recalled, r.Keys...)
			}
		}
	}
	// Without an upload a client takes 0.5 s of work and its delay; the last has no chance.
	x.arrive = func(in []Input) (out []Input) {
		for _, one := range in {
			if w, ok := one.(*Worked); ok && w.Key.Whom.Index == 5 && x.bound(5) > 5.9 {
				continue
			}
			out = append(out, one)
		}
		return out
	}
	x.world.delay = func(id method.ID) method.Seconds { return method.Seconds(2 * id.Index) }
	x.mustRun(t)
	missing := lines[ledger.Missing](t, x)
	if len(recalled) == 0 || len(missing) == 0 {
		t.Fatalf("%d recalled, %d missing", len(recalled), len(missing))
	}
	var down int64
	var flops float64
	for _, m := range missing {
		if m.Why != "late" || m.Flops != 500 {
			t.Errorf("%+v", m)
		}
		down, flops = down+m.Down, flops+m.Flops
	}
	var up int64
	for _, r := range lines[ledger.Report](t, x) {
		up, down, flops = up+r.Up, down+r.Down, flops+r.Flops
	}
	if end := lines[ledger.End](t, x)[0]; end.Up != up || end.Down != down || end.Flops != flops {
		t.Errorf("in all %d up, %d down, %g FLOP; the lines have %d, %d, %g", end.Up, end.Down, end.Flops, up, down, flops)
	}
	plans := lines[ledger.Plan](t, x)
	for i, p := range plans[1:] { // also where nobody was in time
		if was := plans[i].Now; p.Now != was+5.9 {
			t.Errorf("round %d was open from %g to %g", i, was, p.Now)
		}
	}
	if folds := lines[ledger.Fold](t, x); len(folds) == 0 || len(folds) == len(plans) {
		t.Errorf("%d of %d rounds were folded; some of them were expected", len(folds), len(plans))
	}
}

// bound is how long client/i takes at least.
func (x *trial) bound(i int) method.Seconds { return 0.5 + x.world.delay(method.ID{Index: i}) }
