package lora

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// trained is an adapter of normal numbers over two modules, the second rectangular.
func trained(name string, rank int, scale float64) Adapter {
	var a Adapter
	for _, m := range []Module{{Name: "0.q", Out: 12, In: 10}, {Name: "1.v", Out: 6, In: 10}} {
		a = append(a, trainedPair(name, m, rank, scale))
	}
	return a
}

func trainedPair(name string, m Module, rank int, scale float64) Pair {
	p := Fresh(rng.New(1).At(name), m, rank, scale, Kaiming{})
	s := rng.New(2).At(name, m.Name).Stream()
	for i := range p.B {
		p.B[i] = float32(s.Norm())
	}
	return p
}

// started gives every pair a start of rank 2.
func started(a Adapter) Adapter {
	out := slices.Clone(a)
	for i, p := range a {
		start := trainedPair("start", Module{Name: p.Module, Out: p.Out, In: p.In}, 2, 1)
		out[i].A0, out[i].B0 = start.A, start.B
	}
	return out
}

// dense gives every pair its change as a matrix.
func dense(a Adapter) Adapter {
	var out Adapter
	for _, p := range a {
		out = append(out, Pair{Module: p.Module, Out: p.Out, In: p.In, Scale: p.Scale, D: p.Delta().Scaled(1 / p.Scale).Narrow()})
	}
	return out
}

// distance is ‖x − y‖ / ‖y‖ over all modules.
func distance(x, y Adapter) float64 {
	var off, all Stack
	for _, err := range []error{off.AddAdapter(1, x), off.AddAdapter(-1, y), all.AddAdapter(1, y)} {
		if err != nil {
			panic(err)
		}
	}
	return off.Norm() / all.Norm()
}

func TestAdapterSurvivesTheJourney(t *testing.T) {
	mixed := trained("x", 3, 2)
	mixed[1].Scale = 0.1
	for name, a := range map[string]Adapter{
		"factors": trained("x", 3, 2), "unequal scales": mixed, "started": started(trained("x", 3, 1.0/3)), "dense": dense(trained("x", 3, 2)),
	} {
		got, err := Parse(a.Tensors())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, a) {
			t.Errorf("%s: came back as %v", name, got)
		}
	}
	if meta := trained("x", 3, 2).Tensors().Meta; !reflect.DeepEqual(meta, map[string]string{"kind": "adapter", "scale": "2"}) {
		t.Errorf("one scale is written as %v", meta)
	}
	if meta := mixed.Tensors().Meta; !reflect.DeepEqual(meta, map[string]string{"kind": "adapter", "scale.0.q": "2", "scale.1.v": "0.1"}) {
		t.Errorf("two scales are written as %v", meta)
	}
}

func TestParseRefuses(t *testing.T) {
	good := func() linalg.Tensors { return started(trained("x", 3, 2)).Tensors() }
	for name, c := range map[string]struct {
		spoil func(*linalg.Tensors)
		words string
	}{
		"another kind":    {func(x *linalg.Tensors) { x.Meta["kind"] = "head" }, `"head"`},
		"no scale":        {func(x *linalg.Tensors) { delete(x.Meta, "scale") }, "no scale for module 0.q"},
		"scale 0":         {func(x *linalg.Tensors) { x.Meta["scale"] = "0" }, `"0"`},
		"scale NaN":       {func(x *linalg.Tensors) { x.Meta["scale"] = "NaN" }, `"NaN"`},
		"no B":            {func(x *linalg.Tensors) { x.List = x.List[:1] }, "module 0.q"},
		"A0 alone":        {func(x *linalg.Tensors) { x.List = x.List[:3] }, "A0 and B0"},
		"unknown factor":  {func(x *linalg.Tensors) { x.List[0].Name = "0.q.X" }, `"X" is no factor`},
		"no module":       {func(x *linalg.Tensors) { x.List[0].Name = "A" }, `"A"`},
		"twice":           {func(x *linalg.Tensors) { x.List[1] = x.List[0] }, "comes twice"},
		"ranks differ":    {func(x *linalg.Tensors) { x.List[0].Shape = []int{5, 6} }, "rank is 5"},
		"a vector":        {func(x *linalg.Tensors) { x.List[0].Shape = []int{30} }, "expected a filled matrix"},
		"a lying shape":   {func(x *linalg.Tensors) { x.List[0].Shape = []int{3, 11} }, "expected a filled matrix"},
		"factors and D":   {func(x *linalg.Tensors) { x.List[3] = dense(trained("x", 3, 2)).Tensors().List[0] }, "both a dense change"},
		"nothing at all":  {func(x *linalg.Tensors) { x.List = nil }, "without a single module"},
		"starts disagree": {func(x *linalg.Tensors) { x.List[3].Shape, x.List[3].Data = []int{12, 1}, x.List[3].Data[:12] }, "for one rank r"},
	} {
		x := good()
		c.spoil(&x)
		if _, err := Parse(x); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: the error is %v, expected one with %q", name, err, c.words)
		}
	}
}

// Δ = s(BA − B0A0), by the definition and with sums of its own.
func TestDeltaIsWhatItSays(t *testing.T) {
	p := started(trained("x", 3, 2))[0]
	d := p.Delta()
	for i := range p.Out {
		for j := range p.In {
			var want float64
			for k := range p.Rank {
				want += float64(p.B[i*p.Rank+k]) * float64(p.A[k*p.In+j])
			}
			for k := range p.StartRank() {
				want -= float64(p.B0[i*2+k]) * float64(p.A0[k*p.In+j])
			}
			if got := d.At(i, j); math.Abs(got-2*want) > 1e-14 {
				t.Fatalf("entry %d, %d is %v, expected %v", i, j, got, 2*want)
			}
		}
	}
}

func TestFreshDependsOnKeyAndNameAlone(t *testing.T) {
	m, other := Module{Name: "0.q", Out: 12, In: 10}, Module{Name: "1.q", Out: 12, In: 10}
	for _, init := range []Init{Kaiming{}, Gaussian{0.3}} {
		large := Fresh(rng.New(1), m, 8, 2, init)
		small := Fresh(rng.New(1), m, 3, 2, init)
		if !slices.Equal(large.A[:3*10], small.A) {
			t.Errorf("%T: rank 3 is not the leading rows of rank 8", init)
		}
		if slices.Equal(large.A, Fresh(rng.New(1), other, 8, 2, init).A) || slices.Equal(large.A, Fresh(rng.New(2), m, 8, 2, init).A) {
			t.Errorf("%T: another module, or another key, gives the same draws", init)
		}
		if linalg.Norm(large.Delta().Data) != 0 {
			t.Errorf("%T: a fresh pair changes something", init)
		}
	}
	wide := Fresh(rng.New(1), Module{Name: "0.q", Out: 400, In: 400}, 300, 1, Kaiming{}).A
	if low, high := slices.Min(wide), slices.Max(wide); low < -0.05 || high > 0.05 || low > -0.0499 || high < 0.0499 {
		t.Errorf("Kaiming at 400 inputs draws in %v…%v, expected ±1/20", low, high)
	}
	normal := linalg.Widen(1, 120_000, Fresh(rng.New(1), Module{Name: "0.q", Out: 400, In: 400}, 300, 1, Gaussian{0.3}).A)
	if sd := linalg.Norm(normal.Data) / math.Sqrt(120_000); math.Abs(sd-0.3) > 0.003 {
		t.Errorf("Gaussian has deviation %v, expected 0.3", sd)
	}
}
