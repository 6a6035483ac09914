package merge

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
)

func pair(name, module string, out, in, rank int, scale float64) lora.Pair {
	s := rng.New(3).At(name, module).Stream()
	draw := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(s.Norm())
		}
		return x
	}
	return lora.Pair{Module: module, Out: out, In: in, Rank: rank, Scale: scale, A: draw(rank * in), B: draw(out * rank)}
}

// parts are adapters of unequal rank and scale, of which one lacks a module.
func parts(ranks ...int) (out []Part) {
	for i, r := range ranks {
		name := string(rune('a' + i))
		p := Part{Name: name, Weight: 0.5 - float64(i), Adapter: lora.Adapter{pair(name, "0.q", 12, 10, r, 1+float64(i))}}
		if i == 0 {
			p.Adapter = append(p.Adapter, pair(name, "0.v", 6, 10, r, 2))
		}
		out = append(out, p)
	}
	return out
}

func sum(parts []Part, module string) linalg.Dense {
	var s linalg.ProductSum
	for _, p := range parts {
		if x, ok := p.Adapter.Pair(module); ok {
			s.AddDense(p.Weight, x.Delta())
		}
	}
	return s.Dense()
}

func away(x, y linalg.Dense) float64 {
	off := x.Scaled(-1)
	off.Add(1, y)
	return linalg.Norm(off.Data) / linalg.Norm(y.Data)
}

// cat is the weighted sum of changes, and so is svd at the sum of the ranks; at less it is
// the nearest of that rank.
func TestExactMerges(t *testing.T) {
	in := parts(2, 3, 1)
	for name, o := range map[string]Options{"cat": {}, "svd": {Rank: 6}} {
		got, err := Merge(name, in, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got {
			if d := away(p.Delta(), sum(in, p.Module)); d > 1e-6 || p.Rank != 6 {
				t.Errorf("%s of %s: rank %d, %.2g away from the sum", name, p.Module, p.Rank, d)
			}
		}
	}
	got, err := Merge("svd", in, Options{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	d, err := factor.Decompose(sum(in, "0.q"))
	if err != nil {
		t.Fatal(err)
	}
	if off := away(got[0].Delta(), d.Top(2).Product()); off > 1e-6 {
		t.Errorf("svd at rank 2 is %.2g away from the best", off)
	}
}

// A joint too large for a whole decomposition is cut as well: one of the parts' ranks together
// comes back, and what is cut off a flat spectrum is hardly more than it has to be.
func TestLargeJoints(t *testing.T) {
	const side = exactSide + 32
	in := []Part{
		{Name: "a", Weight: 1, Adapter: lora.Adapter{pair("a", "0.q", side, side+16, 2, 1)}},
		{Name: "b", Weight: -0.5, Adapter: lora.Adapter{pair("b", "0.q", side, side+16, 3, 2)}},
	}
	got, err := Merge("dare_linear_svd", in, Options{Density: 1, Rank: 5})
	if err != nil {
		t.Fatal(err)
	}
	if d := away(got[0].Delta(), sum(in, "0.q")); d > 1e-6 {
		t.Errorf("at the whole rank it is %.2g away from the sum", d)
	}
	flat := in[:1]
	flat[0].Adapter = lora.Adapter{pair("flat", "0.q", side, side+16, 40, 1)}
	in = append(flat, Part{Name: "none", Weight: 0, Adapter: flat[0].Adapter})
	if got, err = Merge("dare_linear_svd", in, Options{Density: 1, Rank: 8}); err != nil {
		t.Fatal(err)
	}
	p := in[0].Adapter[0]
	best, err := factor.ProductSVD(linalg.Widen(p.Out, p.Rank, p.B), linalg.Widen(p.Rank, p.In, p.A))
	if err != nil {
		t.Fatal(err)
	}
	off := got[0].Delta()
	off.Add(-1, p.Delta())
	if n := linalg.Norm(off.Data) / best.Tail(8); n > 1.001 {
		t.Errorf("what is cut off is %.4f of the least there is", n)
	}
}

// A draw belongs to its module, matrix and part; the share that stays is the density, and
// what stays makes up for what went.
func TestDrawnMasks(t *testing.T) {
	mask := Drawn(rng.New(7), 0.3)
	x := mask("0.q", "A", "a", 200, 100)
	if !reflect.DeepEqual(x, mask("0.q", "A", "a", 200, 100)) {
		t.Error("a mask is another at the second time")
	}
	kept, same := 0, 0
	for i, other := range mask("0.q", "A", "b", 200, 100) {
		if x[i] {
			kept++
		}
		if x[i] == other {
			same++
		}
	}
	if share := float64(kept) / 20000; math.Abs(share-0.3) > 0.015 {
		t.Errorf("%v of the entries stay, expected 0.3", share)
	}
	if share := float64(same) / 20000; math.Abs(share-0.58) > 0.02 {
		t.Errorf("masks of two parts agree in %v of the entries, expected 0.58", share)
	}
	in := parts(2, 2)
	got, err := Merge("dare_linear", in, Options{Density: 1})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Merge("linear", in, Options{})
	if err != nil || !reflect.DeepEqual(got, plain) {
		t.Errorf("at density 1, dare_linear is not linear (%v)", err)
	}
}

func TestMergeRefuses(t *testing.T) {
	nan := parts(2, 2)
	nan[1].Weight = math.NaN()
	other := parts(2, 2)
	other[1].Adapter[0] = pair("b", "0.q", 12, 9, 2, 1)
	broken := parts(2, 2)
	broken[1].Adapter[0].A[3] = float32(math.Inf(1))
	for name, c := range map[string]struct {
		kind  string
		parts []Part
		o     Options
		words string
	}{
		"unknown":       {"average", parts(2, 2), Options{}, `"average" is no merge`},
		"nothing":       {"cat", nil, Options{}, "no adapters"},
		"empty":         {"cat", []Part{{Name: "x"}}, Options{}, "adapter x"},
		"unequal ranks": {"linear", parts(2, 3), Options{}, "rank 3 in adapter b and 2 in a"},
		"no density":    {"ties", parts(2, 2), Options{}, "density 0"},
		"density 1.5":   {"magnitude_prune", parts(2, 2), Options{Density: 1.5}, "density 1.5"},
		"no mask":       {"dare_ties", parts(2, 2), Options{Density: 0.5}, "without a mask"},
		"rank":          {"svd", parts(2, 2), Options{Rank: -1}, "rank -1"},
		"weight":        {"cat", nan, Options{}, "weight NaN"},
		"other base":    {"cat", other, Options{}, "12×9"},
		"infinite":      {"svd", broken, Options{}, "not finite"},
	} {
		if _, err := Merge(c.kind, c.parts, c.o); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: the error is %v, expected one with %q", name, err, c.words)
		}
	}
}
