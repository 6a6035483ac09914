package penalty_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/lora/penalty"
)

func one(t *testing.T, name string, f func(*testing.T, *linalgtest.Case)) {
	linalgtest.Cases(t, "lora/cl", func(x string) bool { return x == name }, func(t *testing.T, g *linalgtest.Case) {
		f(t, g)
		g.Done(t)
	})
}

// wide is float32 numbers as float64.
func wide(x []float32) []float64 { return linalg.Widen(1, len(x), x).Data }

// The orthogonality and the norms of O-LoRA, with their gradients, over all layers and old
// tasks that the case has.
func TestGoldenOLoRA(t *testing.T) {
	type params struct {
		Ortho float64 `json:"lambda_1"`
		Norm  float64 `json:"lambda_2"`
	}
	layer := func(t *testing.T, g *linalgtest.Case, a, b string, old []string) (ortho, norms float64) {
		p := linalgtest.Params[params](t, g)
		A, B := g.Get(t, a), g.Get(t, b)
		ga, gb := make([]float32, len(A.Data)), make([]float32, len(B.Data))
		for _, name := range old {
			ortho += penalty.Orthogonal(p.Ortho, A.Narrow(), g.Get(t, name).Narrow(), A.Cols, ga)
		}
		norms = penalty.Length(p.Norm, A.Narrow(), ga) + penalty.Length(p.Norm, B.Narrow(), gb)
		g.Check32(t, "grad."+a, wide(ga))
		g.Check32(t, "grad."+b, wide(gb))
		return ortho, norms
	}
	sums := func(t *testing.T, g *linalgtest.Case, ortho, norms float64) {
		p := linalgtest.Params[params](t, g)
		g.Check32(t, "orthogonal", []float64{ortho})
		g.Check32(t, "norms", []float64{norms})
		g.Check32(t, "loss", []float64{p.Ortho*ortho + p.Norm*norms})
	}
	one(t, "olora", func(t *testing.T, g *linalgtest.Case) {
		var ortho, norms float64
		for l := 0; g.Has(fmt.Sprintf("A%d", l)); l++ {
			var old []string
			for k := 0; g.Has(fmt.Sprintf("old%d.%d", l, k)); k++ {
				old = append(old, fmt.Sprintf("old%d.%d", l, k))
			}
			o, n := layer(t, g, fmt.Sprintf("A%d", l), fmt.Sprintf("B%d", l), old)
			ortho, norms = ortho+o, norms+n
		}
		sums(t, g, ortho, norms)
	})
	one(t, "olora_edge", func(t *testing.T, g *linalgtest.Case) {
		var old []string
		for k := 0; g.Has(fmt.Sprintf("old%d", k)); k++ {
			old = append(old, fmt.Sprintf("old%d", k))
		}
		ortho, norms := layer(t, g, "A", "B", old)
		sums(t, g, ortho, norms)
	})
}

// A pull adds to the gradient that is there, a weight of 0 adds nothing, and of what is
// frozen there is the value alone.
func TestPulls(t *testing.T) {
	theta, centre, f := []float32{3, -1, 0}, []float32{1, -1, 2}, []float32{2, 5, 0.5}
	grad := []float32{1, 1, 1}
	if v := penalty.Proximal(10, theta, centre, grad); v != 4 || !slices.Equal(grad, []float32{21, 1, -19}) {
		t.Errorf("½((3−1)² + (0−2)²) is %g, and its gradient by ten, on 1, is %v", v, grad)
	}
	if v := penalty.Elastic(10, theta, centre, f, grad); v != 10 || !slices.Equal(grad, []float32{101, 1, -39}) {
		t.Errorf("2·2² + ½·2² is %g, and the gradient %v", v, grad)
	}
	was := slices.Clone(grad)
	penalty.Proximal(0, theta, centre, grad)
	penalty.Elastic(0, theta, centre, f, grad)
	penalty.Squared(0, theta, grad)
	penalty.Length(0, theta, grad)
	if !slices.Equal(was, grad) {
		t.Error("a term of weight 0 moves the gradient")
	}
	if v := penalty.Squared(1, theta, nil) + penalty.Absolute(theta); v != 14 {
		t.Errorf("3² + 1² + 3 + 1 is %g", v)
	}
	if v := penalty.Length(1, []float32{0, 0}, []float32{0, 0}); v != 0 {
		t.Errorf("the length of 0 is %g", v)
	}
}

// Shrinking goes towards 0 and not beyond.
func TestShrink(t *testing.T) {
	x := []float32{1, -1, 0.25, -0.25, 0}
	penalty.Shrink(x, 0.5)
	if !slices.Equal(x, []float32{0.5, -0.5, 0, 0, 0}) || math.Signbit(float64(x[2])) {
		t.Errorf("by a half it is %v", x)
	}
}
