package start

import (
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

func goldenFirstStep(t *testing.T, g *linalgtest.Case, p goldenParams) {
	grad := g.Get(t, "G")
	for _, name := range []string{"principal", "minor", "vanilla"} {
		st := Start{A: g.Get(t, name+".A"), B: g.Get(t, name+".B"), Moved: name != "vanilla"}
		change, gradA, gradB := Taken(st, grad, p.S, p.Eta)
		step := FirstStep(st, grad, p.S, p.Eta)
		for what, got := range map[string]linalg.Dense{"grad_A": gradA, "grad_B": gradB, "change": change, "first_order": step.First, "second_order": step.Second} {
			g.Check(t, name+"."+what, got.Data)
		}
		g.Check(t, name+".gain", []float64{step.Gain(p.Eta)})
	}
}

// Both orders together are the whole step, whatever the start.
func TestFirstStepIsWhole(t *testing.T) {
	w, g := weight(12, 9), gaussian(rng.New(2), 12, 9)
	for name, choose := range map[string]Choice{"principal": Largest, "minor": Smallest, "middle": Middle} {
		st, err := Chosen(w, 3, 2, choose)
		if err != nil {
			t.Fatal(err)
		}
		change, _, _ := Taken(st, g, 2, 0.05)
		step := FirstStep(st, g, 2, 0.05)
		size := linalg.Norm(change.Data)
		change.Add(-1, step.First)
		change.Add(-1, step.Second)
		if gap := linalg.Norm(change.Data); gap > 1e-12*size {
			t.Errorf("%s: the formula is %g away from a step of %g", name, gap, size)
		}
	}
}
