package claims

import (
	"context"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/world"
)

// A curve has a point for every arm at every place; orders of tasks stand under a seed.
func TestPlacesAndOrders(t *testing.T) {
	c := claim(Curve)
	c.Arm, c.Against = "", ""
	c.Across = []Axis{{Path: "data.x.tasks.first", Values: []any{2, 4}}}
	c.Orders = &Axis{Path: "data.x.tasks.order", Values: []any{0, 1, 2}}
	c.Measure, c.Also = "test.loss", []string{"valid.loss"}
	d := &shelf{score: func(arm string, seed uint64) float64 { return float64(len(arm)) + float64(seed) }}
	o, err := c.Try(t.Context(), d, How{})
	if err != nil {
		t.Fatal(err)
	}
	var at []string
	for _, p := range o.Points {
		at = append(at, p.At)
		if p.N != 8 || len(p.Also) != 1 || p.Also[0] != p.Value {
			t.Errorf("point %+v; want 8 seeds, and the other measure beside it", p)
		}
	}
	if got, want := strings.Join(at, ", "), "a first=2, a first=4, b first=2, b first=4"; got != want {
		t.Errorf("points %s; want %s", got, want)
	}
	if got, want := strings.Join(d.sets[:4], " "), "vary.data.x.tasks.first=null vary.data.x.tasks.first=[2,4] vary.data.x.tasks.order=null vary.data.x.tasks.order=[0,1,2]"; got != want {
		t.Errorf("laid %s; want %s", got, want)
	}

	c = claim(Superiority)
	c.Measure, c.Orders = "test.loss", &Axis{Path: "data.x.tasks.order", Values: []any{0, 1, 2}}
	d.score = func(arm string, seed uint64) float64 {
		if strings.HasPrefix(arm, "a") {
			return wobble(seed)
		}
		return 1 + wobble(seed+2)
	}
	if o, err = c.Try(t.Context(), d, How{}); err != nil {
		t.Fatal(err)
	}
	if o.Verdict != Holds || len(o.Seeds) != 8 || len(o.Points) != 2 {
		t.Errorf("%s over seeds %v, %d points; want that it holds over 8", o.Verdict, o.Seeds, len(o.Points))
	}
}

// Orders are refused where two are the same; the same data at two places are no fault.
func TestOrdersThatAreTheSame(t *testing.T) {
	c := claim(Curve)
	c.Arm, c.Against = "", ""
	c.Measure = "test.loss"
	c.Across = []Axis{{Path: "method.0.with.epochs", Values: []any{1, 2}}}
	c.Orders = &Axis{Path: "data.x.tasks.order", Values: []any{0, 1}}
	head := func(arm, data string) ledger.Trial {
		return ledger.Trial{Arm: arm, Data: []ledger.Content{{Name: "x", Blob: method.Blob(data)}}}
	}
	heads := []ledger.Trial{
		head("a epochs=1 order=0", "first"), head("a epochs=1 order=1", "second"),
		head("a epochs=2 order=0", "first"), head("a epochs=2 order=1", "second"),
	}
	d := &shelf{score: func(string, uint64) float64 { return 1 }, heads: heads}
	if _, err := c.Try(t.Context(), d, How{}); err != nil {
		t.Fatal(err)
	}
	heads[3].Data = heads[2].Data
	_, err := c.Try(t.Context(), d, How{})
	if err == nil || !strings.Contains(err.Error(), `"a epochs=2 order=0" and "a epochs=2 order=1" have the same data`) {
		t.Errorf("two orders are the same: %v", err)
	}
}

// shelf is a lab with a trial for each item of the axes that it is given.
type shelf struct {
	score func(arm string, seed uint64) float64
	heads []ledger.Trial // nil: one that says nothing
	sets  []string
}

func (s *shelf) Heads(context.Context, string, []string) ([]ledger.Trial, error) {
	if s.heads != nil {
		return s.heads, nil
	}
	return make([]ledger.Trial, 1), nil
}

func (s *shelf) World(context.Context, string, []string) (*world.World, error) { return nil, nil }

func (s *shelf) Run(_ context.Context, _ string, sets []string, name string) (*results.Run, error) {
	s.sets = sets
	arms := []string{"a", "b"}
	for _, set := range sets[:len(sets)-2] {
		path, list, _ := strings.Cut(set, "=")
		if list == "null" {
			continue
		}
		leaf := path[strings.LastIndexByte(path, '.')+1:]
		var next []string
		for _, arm := range arms {
			for _, v := range strings.Split(strings.Trim(list, "[]"), ",") {
				next = append(next, arm+" "+leaf+"="+v)
			}
		}
		arms = next
	}
	run := &results.Run{Dir: name, Manifest: &results.Manifest{Hash: name}}
	for _, arm := range arms {
		for seed := range uint64(8) {
			x := &results.Trial{ID: arm}
			x.Head.Arm, x.Head.Seed = arm, seed
			v := ledger.Value{Name: "loss", Value: ledger.Number(s.score(arm, seed)), Weight: 1}
			for _, on := range []string{"test", "valid"} {
				x.Evaluations = append(x.Evaluations, ledger.Evaluate{At: "end", On: on, Values: []ledger.Value{v}})
			}
			run.Trials = append(run.Trials, x)
		}
	}
	return run, nil
}
