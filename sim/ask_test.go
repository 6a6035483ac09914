package sim_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/simtest"
)

// thinking is a method that goes on with the plan that follows a fold, and notes what is done with it.
type thinking struct {
	method.Method
	name string
	said *[]string
	err  error // of a fold
}

func (x thinking) note(what string) { *x.said = append(*x.said, x.name+" "+what) }

func (x thinking) Plan(context.Context, method.PlanRequest) (out method.PlanResponse, _ error) {
	x.note("plan")
	return out, nil
}

func (x thinking) Fold(context.Context, method.FoldRequest) (out method.FoldResponse, _ error) {
	x.note("fold")
	return out, x.err
}

func (x thinking) FoldWithSequel(context.Context, method.FoldRequest, method.PlanRequest) (out method.FoldResponse, _ method.Sequel, _ error) {
	x.note("fold and think")
	if x.err != nil {
		return out, nil, x.err
	}
	return out, thought{x}, nil
}

type thought struct{ thinking }

func (x thought) Plan(context.Context, method.PlanRequest) (out method.PlanResponse, _ error) {
	x.note("take")
	return out, nil
}

func (x thought) Drop() { x.note("drop") }

// A plan that a method thinks about is taken where that method is asked for one next, once, and is
// dropped where anything else comes.
func TestSequelsAreTakenOrDropped(t *testing.T) {
	plan := func(member int) coordinator.Effect { return coordinator.AskPlan{Member: member} }
	fold := func(member int) coordinator.Effect { return coordinator.AskFold{Member: member} }
	think := func(member int) coordinator.Effect {
		return coordinator.AskFold{Member: member, Next: &method.PlanRequest{}}
	}
	for name, c := range map[string]struct {
		asked []coordinator.Effect
		want  []string
	}{
		"taken":          {[]coordinator.Effect{think(0), plan(0), plan(0)}, []string{"a fold and think", "a take", "a plan"}},
		"not known":      {[]coordinator.Effect{fold(0), plan(0)}, []string{"a fold", "a plan"}},
		"another plans":  {[]coordinator.Effect{think(0), plan(1), plan(0)}, []string{"a fold and think", "a drop", "b plan", "a plan"}},
		"folded again":   {[]coordinator.Effect{think(0), think(0), plan(0)}, []string{"a fold and think", "a drop", "a fold and think", "a take"}},
		"over":           {[]coordinator.Effect{think(0)}, []string{"a fold and think", "a drop"}},
		"the fold fails": {[]coordinator.Effect{think(2), plan(2)}, []string{"c fold and think", "c plan"}},
	} {
		var said []string
		methods := []method.Method{thinking{name: "a", said: &said}, thinking{name: "b", said: &said}, thinking{name: "c", said: &said, err: errors.New("no")}}
		a := sim.NewAsker(sim.Setup{World: simtest.World(t, simtest.Trial(t, "method=[{use: flora}, {use: flora}, {use: flora}]"), nil), Methods: methods})
		for _, e := range c.asked {
			if f, is := e.(coordinator.AskFold); is && f.Member == 2 {
				if _, err := a.Ask(t.Context(), e); err == nil {
					t.Errorf("%s: the error of a fold is swallowed", name)
				}
			} else if _, err := a.Ask(t.Context(), e); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		a.Close()
		a.Close() // of nothing
		if !slices.Equal(said, c.want) {
			t.Errorf("%s: %q, expected %q", name, said, c.want)
		}
	}
}

// echoing is a method that can be told with a fold of the plan that follows, and counts how often it is.
type echoing struct {
	method.Method
	told *int
}

func (x echoing) FoldWithSequel(ctx context.Context, r method.FoldRequest, _ method.PlanRequest) (method.FoldResponse, method.Sequel, error) {
	*x.told++
	out, err := x.Fold(ctx, r)
	return out, nil, err
}

// The machine is told which methods can be told of plans: one of two in a chain is, with each fold but
// its last.
func TestWhoCanBeToldIsTold(t *testing.T) {
	s, _ := simtest.Setup(t, simtest.World(t, simtest.Trial(t, "method=[{use: flora, rounds: 3}, {use: flora, rounds: 3}]"), nil))
	told := 0
	s.Methods[1] = echoing{s.Methods[1], &told}
	if err := sim.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if told != 2 {
		t.Errorf("of three folds of a method that can be told of plans %d come with one; 2 were expected", told)
	}
}
