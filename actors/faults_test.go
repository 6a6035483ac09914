package actors

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
)

var third = method.ID{Pool: "client", Index: 3}

// panicking panics the first n times that a participant comes to a step.
func panicking(n int32, whom method.ID, step int) sabotage {
	var count atomic.Int32
	return func(id method.ID, _ string, at int) {
		if id == whom && at == step && count.Add(1) <= n {
			panic("sabotage")
		}
	}
}

// evil is a method whose Fold does as it is told.
type evil struct {
	method.Method
	fold func(context.Context) error
}

func (e evil) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	if err := e.fold(ctx); err != nil {
		return method.FoldResponse{}, err
	}
	return e.Method.Fold(ctx, r)
}

// patient is the usual pace of a coordinator that answers for a participant only when the one at
// its worker has had so long a time to answer for itself: on a machine that others keep busy,
// 50 ms may pass before it has a turn, and then it would be called dormant.
func patient(dormant time.Duration) pace {
	p := usualPace
	p.dormant = dormant
	return p
}

// A panic in client/3 at step 2 of its work: it is restarted, does the lease again, and
// the ledger is the same. While the method folds, the participant tells of its restart.
func TestPanicRestartsParticipant(t *testing.T) {
	s, lines := setup(t, "6")
	c, err := Open(Options{Slots: 2, pace: patient(time.Minute), faults: faults{sabotage: panicking(1, third, 2)}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var seen []Status
	s.Methods[0] = evil{s.Methods[0], func(ctx context.Context) error {
		st, err := c.Inspect(ctx, third)
		seen = append(seen, st)
		return err
	}}
	var last sim.Progress
	s.Watch = func(p sim.Progress) { last = p }
	if err := c.Run(limited(t), s); err != nil {
		t.Fatal(err)
	}
	if lines.String() != reference(t, "6") {
		t.Error("the ledger differs from that of sim.Run")
	}
	if last.Failures != 1 {
		t.Errorf("%d failures in all, not 1", last.Failures)
	}
	for round, st := range seen {
		if st.State != Idle || st.Step != st.Steps || st.Restarts != 1 || st.Wakes != 1 || st.Round != round || st.Assignment != "fit" || st.Worker != "here" {
			t.Errorf("in the fold of round %d client/3 was %+v", round, st)
		}
	}
}

func TestTwoPanicsGiveTheLeaseBack(t *testing.T) {
	if p := same(t, "6", Options{Slots: 2, faults: faults{sabotage: panicking(2, third, 0)}}); p.Failures != 1 {
		t.Errorf("%d failures, not 1: a lease that was given back", p.Failures)
	}
}

func TestThreePanicsEndTheTrial(t *testing.T) {
	s, _ := setup(t, "6")
	err := Run(limited(t), s, Options{Slots: 2, faults: faults{sabotage: panicking(3, third, 1)}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"client/3", `assignment "fit"`, "seed 1", "sabotage", "faults_test.go"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

func TestErrorsComeBackAsTheyAre(t *testing.T) {
	ours := errors.New("ours")
	s, _ := setup(t, "3")
	s.Methods[0] = evil{s.Methods[0], func(context.Context) error { return ours }}
	if err := Run(limited(t), s, Options{Slots: 2}); !errors.Is(err, ours) {
		t.Errorf("the method's error was expected: %v", err)
	}
	s, _ = setup(t, "3")
	s.Methods[0] = evil{s.Methods[0], func(context.Context) error { panic("in a fold") }}
	if err := Run(limited(t), s, Options{Slots: 2}); err == nil || !strings.Contains(err.Error(), "in a fold") || !strings.Contains(err.Error(), "faults_test.go") {
		t.Errorf("the panic was expected, with its stack: %v", err)
	}
	s, _ = setup(t, "3")
	s.Watch = func(p sim.Progress) {
		if p.Done > 0 {
			panic("in the coordinator")
		}
	}
	if err := Run(limited(t), s, Options{Slots: 2}); err == nil || !strings.Contains(err.Error(), "in the coordinator") {
		t.Errorf("the panic was expected: %v", err)
	}
	s, _ = setup(t, "3")
	if err := Run(limited(t), s, Options{}); err == nil {
		t.Error("no slots, and no error")
	}
}

// What the worker calls a failure crosses the mesh as text; its error is found all the same.
func TestWorkErrorsComeBackAsTheyAre(t *testing.T) {
	s, _ := setup(t, "3")
	s.Methods[0] = lost{s.Methods[0]}
	err := Run(limited(t), s, Options{Slots: 1})
	want := sim.Run(limited(t), func() sim.Setup { s, _ := setup(t, "3"); s.Methods[0] = lost{s.Methods[0]}; return s }())
	if err == nil || want == nil || err.Error() != want.Error() {
		t.Errorf("%v; sim.Run says %v", err, want)
	}
	if errors.As(err, new(failure)) {
		t.Errorf("only the text came back: %v", err)
	}
}

// lost is a method that asks for modules which no base has.
type lost struct{ method.Method }

func (l lost) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	p, err := l.Method.Plan(ctx, r)
	for i, a := range p.Assign {
		fit := a.Recipe.(method.Fit)
		part := fit.Train[0].(method.LoRA)
		part.Scale, part.Modules = 1, []string{"9.nowhere"}
		fit.Train = []method.Part{part}
		p.Assign[i].Recipe = fit
	}
	return p, err
}

func TestCancelEndsAtOnce(t *testing.T) {
	s, _ := setup(t, "6", "method.0.with.epochs=100", "method.0.rounds=1000") // it does not end by itself
	ours := errors.New("enough")
	ctx, cancel := context.WithCancelCause(limited(t))
	o := Options{Slots: 2, faults: faults{sabotage: func(whom method.ID, _ string, step int) {
		if whom == third && step == 1 {
			cancel(ours)
		}
	}}}
	if err := Run(ctx, s, o); !errors.Is(err, ours) {
		t.Errorf("the cause was expected: %v", err)
	}
}

// Only a population beyond the budget is put to sleep; all wakings are counted.
func TestWarmBudget(t *testing.T) {
	var most, wakes atomic.Int32
	o := Options{Slots: 2, Warm: 8, faults: faults{population: func(awake int) {
		wakes.Add(1)
		most.Store(max(most.Load(), int32(awake)))
	}}}
	same(t, "256", o, "population.client.split={drawn: 4}")
	if most.Load() > 8+2 {
		t.Errorf("%d participants were awake at once", most.Load())
	}
	if wakes.Load() < 2*256-8 {
		t.Errorf("%d wakings in two rounds of 256: those asleep must be woken again", wakes.Load())
	}
}

// weather loses and doubles so many messages in a hundred, drawn at random.
func weather(lose, double int) mesh.Weather {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(1, uint64(lose)<<8|uint64(double)))
	return func(string) []time.Duration {
		mu.Lock()
		defer mu.Unlock()
		switch n := dice.IntN(100); {
		case n < lose:
			return nil
		case n < lose+double:
			return []time.Duration{0, 0}
		}
		return []time.Duration{0}
	}
}

func TestOneLedgerInAnyWeather(t *testing.T) {
	quick := pace{tick: 2 * time.Millisecond, answer: 10 * time.Millisecond, lease: time.Minute, lost: time.Minute, dormant: time.Millisecond, away: time.Minute}
	for _, w := range []struct{ lose, double int }{{30, 0}, {0, 100}, {0, 50}, {20, 40}} {
		t.Run(fmt.Sprintf("lose %d double %d", w.lose, w.double), func(t *testing.T) {
			same(t, "6", Options{Slots: 2, pace: quick, faults: faults{weather: weather(w.lose, w.double)}})
		})
	}
}

// A lease whose deadline passes though it is worked on goes back to the desk, and the
// first report counts.
func TestOneLedgerWhenLeasesRunOut(t *testing.T) {
	same(t, "6", Options{Slots: 2, pace: pace{tick: time.Millisecond, answer: 5 * time.Millisecond, lease: time.Nanosecond, lost: time.Minute, dormant: time.Millisecond, away: time.Minute}})
}
