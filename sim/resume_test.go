package sim_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/simtest"
)

// regimes are ways in which rounds close, with what a scenario must say for them.
var regimes = map[string][]string{
	"sync":     {"method.0.rounds=5"},
	"deadline": {"method.0.rounds=5", "population.client.count=8", "population.client.offer={draw: 3}", "method.0.regime={deadline: 1.5 s, over: 1.4}"},
	"flying":   {"method.0.rounds=9", "population.client.count=6", "method.0.regime={flying: 4, close: 2}", "evaluate.0={every: 2, on: test, metrics: [loss]}"},
	"faults":   {"method.0.rounds=7", "population.client.faults={drop-out: 0.5, lost-upload: 0.3, slow: 0.3, times: 10}"},
	"half":     {"method.0.rounds=5", "population.client.faults={partial: 0.5, corrupt: 0.3}"},
	"nights":   {"method.0.rounds=5", "population.client.available={hours: 2, joins: 1 d}"},
	"async":    {"method.0.rounds=9", "population.client.count=6", "method.0.regime={flying: 3}", "stages=[{name: one}, {name: two}]"},
}

// album keeps every checkpoint as bytes, with where the ledger stood.
type album struct {
	t     *testing.T
	book  *ledger.Book
	pages []page
}

type page struct {
	lines   int
	hash    string
	content []byte
}

func (a *album) Keep(m *coordinator.Machine) error {
	content, err := m.Checkpoint().Encode()
	a.pages = append(a.pages, page{a.book.Len(), a.book.Hash(), content})
	return err
}

// In every regime, whatever round a trial goes on from, it ends in the same hash; and the
// checkpoints on the way are the same bytes.
func TestResumeFromEveryRound(t *testing.T) {
	for name, sets := range regimes {
		t.Run(name, func(t *testing.T) {
			w := simtest.World(t, simtest.Trial(t, sets...), nil)
			s, text := simtest.Setup(t, w)
			all := &album{t: t, book: s.Book}
			s.Keeper = all
			if err := sim.Run(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			want := s.Book.Hash()
			if n := len(simtest.Of[ledger.Plan](simtest.Lines(t, text))); len(all.pages) != n+1 {
				t.Errorf("%d rounds and %d checkpoints: one a round and one at the end were expected", n, len(all.pages))
			}
			for i, p := range all.pages {
				c, err := coordinator.ParseCheckpoint(p.content)
				if err != nil {
					t.Fatal(err)
				}
				if again, err := c.Encode(); err != nil || !bytes.Equal(again, p.content) {
					t.Fatalf("checkpoint %d is other bytes when it is written again: %v", i, err)
				}
				if c.Ended {
					continue
				}
				rest := bytes.Buffer{}
				s.Book, err = ledger.Resume(p.lines, p.hash, func(line []byte) error { rest.Write(line); return nil })
				if err != nil {
					t.Fatal(err)
				}
				here := &album{t: t, book: s.Book}
				s.From, s.Keeper = &c, here
				if err := sim.Run(t.Context(), s); err != nil {
					t.Fatalf("from checkpoint %d: %v", i, err)
				}
				if s.Book.Hash() != want || !bytes.HasSuffix(text.Bytes(), rest.Bytes()) {
					t.Errorf("from checkpoint %d the trial goes another way", i)
				}
				if !slices.EqualFunc(here.pages, all.pages[i:], func(a, b page) bool { return bytes.Equal(a.content, b.content) }) {
					t.Errorf("from checkpoint %d the later ones are other bytes", i)
				}
			}
		})
	}
}

// What the regimes promise shows in the ledger.
func TestRegimesInTheLedger(t *testing.T) {
	_, lines := simtest.Run(t, simtest.World(t, simtest.Trial(t, regimes["deadline"]...), nil))
	plans, folds := simtest.Of[ledger.Plan](lines), simtest.Of[ledger.Fold](lines)
	late := 0
	for i, p := range plans {
		if p.Offered != 5 {
			t.Errorf("round %d offers %d; 1.4 times 3, rounded up, were expected", i, p.Offered)
		}
		if f := folds[i]; f.Reports > 3 || f.Now > p.Now+1.5 {
			t.Errorf("round %d closed after %g s with %d reports", i, f.Now-p.Now, f.Reports)
		}
	}
	for _, x := range simtest.Of[ledger.Missing](lines) {
		if x.Why != "late" || x.Flops <= 0 || x.Round > 0 && x.Down <= 0 {
			t.Errorf("missing: %+v", x)
		}
		late++
	}
	if got := len(simtest.Of[ledger.Report](lines)) + late; got != 25 || late < 10 {
		t.Errorf("%d reports came or were late, %d of them late", got, late)
	}

	_, lines = simtest.Run(t, simtest.World(t, simtest.Trial(t, regimes["flying"]...), nil))
	ages := map[int]int{}
	for _, r := range simtest.Of[ledger.Report](lines) {
		ages[r.Age]++
	}
	if ages[0] == 0 || ages[1] == 0 {
		t.Errorf("two of four close a round, and ages are %v", ages)
	}
	for i, p := range simtest.Of[ledger.Plan](lines) {
		if f := simtest.Of[ledger.Fold](lines)[i]; f.Reports != 2 || i > 0 && (p.Flying != 2 || p.Offered != 2) {
			t.Errorf("round %d: %+v, %d reports", i, p, f.Reports)
		}
	}
	cut := simtest.Of[ledger.Missing](lines)
	if len(cut) != 2 || cut[0].Why != "cut" {
		t.Errorf("at the end two fly; the ledger says %+v", cut)
	}
}

// What a pool's faults do shows in the ledger, with what it costs.
func TestFaultsInTheLedger(t *testing.T) {
	_, lines := simtest.Run(t, simtest.World(t, simtest.Trial(t, regimes["faults"]...), nil))
	why := map[string]int{}
	for _, x := range simtest.Of[ledger.Missing](lines) {
		why[x.Why]++
		if x.Flops != 0 || x.Why == "dropped" && x.Round > 1 && x.Down == 0 {
			t.Errorf("%+v", x)
		}
	}
	reports, folded := simtest.Of[ledger.Report](lines), 0
	for _, f := range simtest.Of[ledger.Fold](lines) {
		folded += f.Reports
	}
	if why["dropped"] < 5 || why["lost"] < 2 || len(why) != 2 || len(reports) != folded+why["lost"] || len(reports)+why["dropped"] != 28 {
		t.Errorf("of 28 leases %d reported, %d were folded, and missing are %v", len(reports), folded, why)
	}
	_, calm := simtest.Run(t, simtest.World(t, simtest.Trial(t, "method.0.rounds=7"), nil))
	if simtest.Of[ledger.End](lines)[0].Now <= 2*simtest.Of[ledger.End](calm)[0].Now {
		t.Error("three in ten take ten times as long, and the trial does not take twice as long")
	}
}

// Whoever stops early says how much he did and pays for no more; what arrives damaged is
// paid for, told, and not folded.
func TestWorkInPartAndDamagedInTheLedger(t *testing.T) {
	_, lines := simtest.Run(t, simtest.World(t, simtest.Trial(t, regimes["half"]...), nil))
	_, calm := simtest.Run(t, simtest.World(t, simtest.Trial(t, "method.0.rounds=5"), nil))
	whole := map[string]ledger.Report{} // by participant and round: the same work, all of it
	key := func(r ledger.Report) string { return fmt.Sprint(r.From, r.Round) }
	for _, r := range simtest.Of[ledger.Report](calm) {
		whole[key(r)] = r
	}
	cut := 0
	for _, r := range simtest.Of[ledger.Report](lines) {
		if r.Share == 1 {
			continue
		}
		cut++
		if w := whole[key(r)]; r.Share < 0.1 || r.Share > 0.9 || r.Flops >= w.Flops || r.Examples > w.Examples {
			t.Errorf("of %+v a share of %g was done: %+v", w, r.Share, r)
		}
	}
	damaged := 0
	for _, x := range simtest.Of[ledger.Missing](lines) {
		if strings.HasPrefix(x.Why, "corrupt: what arrived") {
			damaged++
		}
	}
	if cut < 4 || cut > 16 || damaged < 2 || damaged > 12 {
		t.Errorf("of 20 leases %d were done in part and %d arrived damaged", cut, damaged)
	}
}

// Where nobody is there the clock goes on until somebody is, and nobody who is not there is
// ever asked.
func TestNobodyIsAskedWhoIsNotThere(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, regimes["nights"]...), nil)
	_, lines := simtest.Run(t, w)
	var now method.Seconds
	offered := map[int]int{}
	for _, p := range simtest.Of[ledger.Plan](lines) {
		now = p.Now
		there := 0
		for i := range 4 {
			if w.Available(method.ID{Pool: "client", Index: i}, now) {
				there++
			}
		}
		if there != p.Offered || there == 0 {
			t.Errorf("round %d at %g s: %d are there and %d were offered", p.Round, now, there, p.Offered)
		}
		offered[p.Offered]++
	}
	if now < 600 || offered[4] == 5 {
		t.Errorf("the last round began at %g s; offered were %v", now, offered)
	}
}
