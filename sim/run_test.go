package sim_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/train"
	"github.com/loramesh/loramesh/sim/world"
)

func hashOf(t *testing.T, trial plan.Trial, a *world.Assets) string {
	t.Helper()
	hash, _ := simtest.Run(t, simtest.World(t, trial, a))
	return hash
}

func TestSameTrialTwiceSameHash(t *testing.T) {
	for _, use := range []string{"flora", "fedit", "fedit-restart", "zeropad"} {
		trial := simtest.Trial(t, "method.0.use="+use, "method.0.with.dropout=0.3")
		if a, b := hashOf(t, trial, nil), hashOf(t, trial, nil); a != b {
			t.Errorf("%s: %s, then %s", use, a, b)
		}
	}
}

// What the assets have done before (other trials, other bases, a full or a damaged cache)
// moves no bit.
func TestHashDoesNotDependOnTheAssetsHistory(t *testing.T) {
	trial := simtest.Trial(t)
	want := hashOf(t, trial, nil)

	cache := &simtest.Cache{}
	shared := world.NewAssets(simtest.Files{}, cache, nil)
	for _, sets := range [][]string{
		{"seed=7"}, {"method.0.use=fedit"}, {"data.phrases.with.generic=90"}, {"data.phrases.tokens=6"},
		{"bases.main.recipe.pretrain.seed=9"}, {"data.phrases.limit=30"},
	} {
		other := simtest.Trial(t, sets...)
		if got, fresh := hashOf(t, other, shared), hashOf(t, other, nil); got != fresh {
			t.Errorf("%s: %s with used assets, %s with fresh ones", sets, got, fresh)
		}
	}
	if got := hashOf(t, trial, shared); got != want {
		t.Errorf("%s with used assets, %s with fresh ones", got, want)
	}

	before := cache.Found
	if got := hashOf(t, trial, world.NewAssets(simtest.Files{}, cache, nil)); got != want || cache.Found == before {
		t.Errorf("%s with a cached base (%d found), %s with one just made", got, cache.Found-before, want)
	}
	for key := range cache.Entries {
		cache.Entries[key][len(cache.Entries[key])-1] ^= 1
	}
	if got := hashOf(t, trial, world.NewAssets(simtest.Files{}, cache, nil)); got != want {
		t.Errorf("%s with a damaged cache, %s without", got, want)
	}
}

func TestSeedsDiffer(t *testing.T) {
	one, two := simtest.World(t, simtest.Trial(t, "seed=1"), nil), simtest.World(t, simtest.Trial(t, "seed=2"), nil)
	a, first := simtest.Run(t, one)
	b, second := simtest.Run(t, two)
	if a == b {
		t.Error("two seeds have one hash")
	}
	heads := [2]ledger.Trial{simtest.Of[ledger.Trial](first)[0], simtest.Of[ledger.Trial](second)[0]}
	if fmt.Sprint(heads[0].Bases, heads[0].Data) != fmt.Sprint(heads[1].Bases, heads[1].Data) {
		t.Error("the corpus or the base depends on the trial's seed")
	}
	starts := [2]ledger.Evaluate{simtest.Of[ledger.Evaluate](first)[0], simtest.Of[ledger.Evaluate](second)[0]}
	if fmt.Sprint(starts[0]) != fmt.Sprint(starts[1]) {
		t.Errorf("before any training, two seeds score %v and %v", starts[0].Values, starts[1].Values)
	}
}

// Common random numbers: methods with one seed meet the same shards, offers and batches.
func TestMethodsOfOneSeedMeetTheSame(t *testing.T) {
	assets := simtest.Assets()
	var first []string
	for _, use := range []string{"flora", "fedit", "fedit-restart", "zeropad"} {
		trial := simtest.Trial(t, "method.0.use="+use, "method.0.rounds=3", "population.client.offer={draw: 2}")
		w := simtest.World(t, trial, assets)
		met := meets(t, w)
		if first == nil {
			first = met
		}
		if !slices.Equal(met, first) {
			t.Errorf("%s met\n%v\nand flora\n%v", use, met, first)
		}
	}
	if len(first) != 6 || first[0] == first[2] {
		t.Errorf("three rounds of two met %v", first)
	}
}

// meets lists what decides the work of a trial: whom it is for, on which rows, with which
// draws, what the first batch of a fresh adapter costs, and what the network adds.
func meets(t *testing.T, w *world.World) (met []string) {
	t.Helper()
	s, _ := simtest.Setup(t, w)
	drive(t, s, func(l coordinator.Lease, r method.WorkResponse) {
		if l.Key.Whom.Pool == coordinator.EvaluationPool {
			return
		}
		rows, err := w.Rows(0, l.Key.Whom, "train")
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprint(l.Key.Whom, l.Draws, rows[0].Example().Hash, len(rows), r.Reports[0].Examples)
		if l.Asked.Round == 0 { // B is 0: the loss is the base's, on the first batch
			line += fmt.Sprint(r.Reports[0].Values[1])
		}
		met = append(met, line+fmt.Sprint(w.Price(0, l.Asked.Assign[0].Recipe)(l.Key.Whom, l.Asked.Round).Spent(0, 0, 0).Time))
	})
	return met
}

// drive runs a trial and shows every lease with its answer.
func drive(t *testing.T, s sim.Setup, show func(coordinator.Lease, method.WorkResponse)) {
	t.Helper()
	m, err := s.Machine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	trainer := s.Trainer(&train.Merged{})
	for todo := []coordinator.Input{coordinator.Begin{}}; len(todo) > 0; todo = todo[1:] {
		effects, err := m.Step(todo[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range effects {
			switch e := e.(type) {
			case coordinator.Finished:
				return
			case coordinator.DoWork:
				for _, l := range e.Leases {
					r, err := trainer.Work(l.Work(), nil)
					if err != nil {
						t.Fatal(err)
					}
					show(l, r)
					todo = append(todo, &coordinator.Worked{Key: l.Key, Response: r})
				}
			default:
				in, err := sim.NewAsker(s).Ask(t.Context(), e)
				if err != nil {
					t.Fatal(err)
				}
				todo = append(todo, in)
			}
		}
	}
}

// The order in which leases are done is nobody's business but the scheduler's.
func TestOrderOfWorkMovesNothing(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t), nil)
	want, _ := simtest.Run(t, w)
	s, text := simtest.Setup(t, w)
	m, err := s.Machine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	merged := &train.Merged{}
	for todo := []coordinator.Input{coordinator.Begin{}}; len(todo) > 0; todo = todo[1:] {
		effects, err := m.Step(todo[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range effects {
			work, ok := e.(coordinator.DoWork)
			if !ok {
				if _, over := e.(coordinator.Finished); over {
					continue
				}
				in, err := sim.NewAsker(s).Ask(t.Context(), e)
				if err != nil {
					t.Fatal(err)
				}
				todo = append(todo, in)
				continue
			}
			for _, l := range slices.Backward(work.Leases) { // backwards, each twice, by new trainers
				for range 2 {
					r, err := s.Trainer(merged).Work(l.Work(), nil)
					if err != nil {
						t.Fatal(err)
					}
					todo = append(todo, &coordinator.Worked{Key: l.Key, Response: r})
				}
			}
		}
	}
	simtest.Lines(t, text)
	if got := s.Book.Hash(); got != want {
		t.Errorf("%s backwards, %s forwards", got, want)
	}
}

// The aggregation errors of FLoRA (F1), FedIT (F2) and zero-padding, with real training.
// FedIT's noise is minus the covariance of the factors: after one step from a shared start
// with B = 0 all have the A that they began with, bit for bit, and what is left is the
// rounding of the mean to float32.
func TestAggregationErrorOfRealTraining(t *testing.T) {
	const exact, noisy = 1e-6, 1e-4
	for _, c := range []struct {
		name  string
		sets  []string
		exact bool
		sameA bool
	}{
		{"flora", []string{"method.0.with.epochs=4"}, true, false},
		{"fedit, one step", []string{"method.0.use=fedit", "method.0.with.batch=0"}, true, true},
		{"fedit, four steps", []string{"method.0.use=fedit", "method.0.with.batch=0", "method.0.with.epochs=4"}, false, false},
		{"zeropad, four steps", []string{"method.0.use=zeropad", "method.0.with.batch=0", "method.0.with.epochs=4"}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, text := simtest.Setup(t, simtest.World(t, simtest.Trial(t, append(c.sets, "method.0.rounds=1")...), nil))
			if err := sim.Run(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			lines := simtest.Lines(t, text)
			fold := simtest.Of[ledger.Fold](lines)[0]
			gap, relative := simtest.Value(t, fold.Values, metric.AggError), simtest.Value(t, fold.Values, metric.AggRelative)
			if c.exact && relative > exact || !c.exact && relative < noisy || gap > 0 && relative == 0 {
				t.Errorf("aggregation error %g, relative %g", gap, relative)
			}
			var first lora.Adapter
			same := true
			for _, r := range simtest.Of[ledger.Report](lines) {
				a := adapter(t, s, r.Made[0].Blob)
				if first == nil {
					first = a
				}
				for i := range a {
					same = same && slices.Equal(a[i].A, first[i].A)
				}
			}
			if same != c.sameA {
				t.Errorf("all clients ended with one A: %v", same)
			}
		})
	}
}

func adapter(t *testing.T, s sim.Setup, b method.Blob) lora.Adapter {
	t.Helper()
	tensors, err := s.Blobs.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	a, err := lora.Parse(tensors)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Each trains at the rank that it can hold, and the ledger's first line says which those are.
func TestOwnRanks(t *testing.T) {
	s, text := simtest.Setup(t, simtest.World(t, simtest.Trial(t), nil))
	if err := sim.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	lines := simtest.Lines(t, bytes.NewBuffer(text.Bytes()))
	var ranks []int
	for _, r := range simtest.Of[ledger.Report](lines)[:4] {
		ranks = append(ranks, adapter(t, s, r.Made[0].Blob).Rank())
	}
	slices.Sort(ranks)
	slices.Reverse(ranks)
	if head := simtest.Of[ledger.Trial](lines)[0]; !slices.Equal(ranks, head.Pools[0].Ranks) || !slices.Equal(ranks, []int{4, 2, 1, 1}) {
		t.Errorf("trained at ranks %v; the head says %v", ranks, head.Pools[0].Ranks)
	}
}
