package lora_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
)

func drawn(seed uint64, rank int, scale float64) (a lora.Adapter) {
	for _, module := range []string{"0.q", "1.v"} {
		p := lora.Fresh(rng.New(seed), lora.Module{Name: module, Out: 6, In: 4}, rank, scale, lora.Gaussian{Std: 1})
		s := rng.New(seed).At("B", module).Stream()
		for i := range p.B {
			p.B[i] = float32(s.Norm())
		}
		a = append(a, p)
	}
	return a
}

func only(t *testing.T, a lora.Adapter, factor string) lora.Factors {
	t.Helper()
	f, err := a.Only(factor)
	if err != nil {
		t.Fatal(err)
	}
	back, err := lora.ParseFactors(f.Tensors())
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// One's A and another's B are a pair; of unequal ranks the leading rows and columns are.
func TestFactorsMeet(t *testing.T) {
	a, b := drawn(1, 3, 2), drawn(2, 2, 0.5)
	f, err := only(t, a, "A").Over(only(t, b, "B"))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range f.Whole() {
		if p.Rank != 2 || p.Scale != 0.5 || !slices.Equal(p.A, a[i].A[:2*4]) || !slices.Equal(p.B, b[i].B) {
			t.Errorf("%s is of rank %d and scale %g, or not of these factors", p.Module, p.Rank, p.Scale)
		}
	}
	f, err = only(t, b, "B").Over(lora.Factors(a))
	if err != nil {
		t.Fatal(err)
	}
	if p := f.Whole()[1]; !slices.Equal(p.B, b[1].B) || !slices.Equal(p.A, a[1].A[:8]) {
		t.Error("a factor over a whole adapter does not replace that factor alone")
	}
	if half := only(t, a, "A"); len(half.Whole()) != 0 {
		t.Error("half a pair passes for a whole one")
	}
	started := drawn(1, 3, 2)
	started[0].A0, started[0].B0 = started[0].A, started[0].B
	if _, err := only(t, started, "A").Over(only(t, b, "B")); err == nil || !strings.Contains(err.Error(), "module 0.q") {
		t.Errorf("factors with a start met others of another rank: %v", err)
	}
}

// The mean of single factors is that factor of the mean of adapters.
func TestMeanOfSingleFactors(t *testing.T) {
	var whole, half lora.Mean
	for seed, w := range map[uint64]float64{1: 0.25, 2: 0.75} {
		a := drawn(seed, 3, 2)
		if err := whole.AddAdapter(w, a); err != nil {
			t.Fatal(err)
		}
		if err := half.AddFactors(w, only(t, a, "B")); err != nil {
			t.Fatal(err)
		}
	}
	want := whole.Adapter()
	for i, p := range half.Factors() {
		if p.A != nil || !slices.Equal(p.B, want[i].B) || p.Scale != 2 {
			t.Errorf("%s: the mean of B alone is not the B of the mean", p.Module)
		}
	}
	if err := half.AddFactors(1, only(t, drawn(3, 3, 2), "A")); err == nil {
		t.Error("an A was averaged with Bs")
	}
}

func TestFactorsThatAreNone(t *testing.T) {
	a := drawn(1, 2, 1)
	if _, err := a.Only("C"); err == nil {
		t.Error("there is no factor C")
	}
	x := only(t, a, "A").Tensors()
	x.List = x.List[:0]
	if _, err := lora.ParseFactors(x); err == nil {
		t.Error("factors of nothing were read")
	}
	if _, err := lora.Parse(only(t, a, "A").Tensors()); err == nil {
		t.Error("half an adapter was read as one")
	}
}
