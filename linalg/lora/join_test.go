package lora

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// F1: the stack is the weighted sum of changes, at unequal ranks and scales, started and
// dense ones among them, whether it stays factors or not.
func TestStackEqualsSumOfDeltas(t *testing.T) {
	parts := []Adapter{trained("a", 4, 2), trained("b", 2, 0.5), started(trained("c", 1, 3)), dense(trained("d", 2, 2)), trained("e", 5, 1)}
	shares := []float64{0.3, 0.1, 0.25, 0.15, 0.2}
	for n := 1; n <= len(parts); n++ {
		for _, keep := range []bool{true, false} {
			stack := Stack{KeepFactors: keep}
			var direct GapMeter
			for k := range n {
				if err := stack.Add(shares[k], parts[k].Tensors()); err != nil {
					t.Fatal(err)
				}
				direct.Made(shares[k], parts[k])
			}
			direct.Deployed(1, stack.Adapter())
			if g := direct.Gap(); g.Relative() > 1e-7 {
				t.Errorf("%d adapters, factors kept %v: %.2g away", n, keep, g.Relative())
			} else if math.Abs(stack.Norm()-g.Wanted) > 1e-12*g.Wanted {
				t.Errorf("%d adapters: the norm is %v, expected %v", n, stack.Norm(), g.Wanted)
			}
		}
	}
}

// One participant is the centralised case: joined with share 1 it comes back bit by bit.
func TestOneAdapterJoinedIsItself(t *testing.T) {
	a := trained("a", 3, 2)
	stack, mean, pad := Stack{KeepFactors: true}, Mean{}, Mean{Pad: true}
	for _, err := range []error{stack.AddAdapter(1, a), mean.AddAdapter(1, a), pad.AddAdapter(1, a)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, got := range map[string]Adapter{"stack": stack.Adapter(), "mean": mean.Adapter(), "padded mean": pad.Adapter()} {
		if !reflect.DeepEqual(got, a) {
			t.Errorf("the %s of one adapter is another", name)
		}
	}
	s := started(a)
	var again Mean
	if err := again.AddAdapter(1, s); err != nil || !reflect.DeepEqual(again.Adapter(), s) {
		t.Errorf("the mean of one started adapter is another (%v)", err)
	}
}

func TestJoiningWritesToNothingItIsGiven(t *testing.T) {
	a, was := started(trained("a", 3, 2)), started(trained("a", 3, 2))
	var stack Stack
	mean := Mean{Pad: true}
	for _, err := range []error{stack.AddAdapter(0.5, a), stack.AddAdapter(0.5, a), mean.AddAdapter(0.5, a), mean.AddAdapter(0.5, a)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	stack.Adapter()
	mean.Adapter()[0].A[0]++
	a.Pad(6)
	a.Rescale(7)
	if _, err := trained("a", 3, 2).Truncate(1); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, was) {
		t.Error("an adapter was written to")
	}
}

func TestJoinsRefuse(t *testing.T) {
	a := trained("a", 3, 2)
	wider := Adapter{trainedPair("w", Module{Name: "0.q", Out: 12, In: 11}, 3, 2), a[1]}
	renamed := Adapter{a[0], trainedPair("r", Module{Name: "1.k", Out: 6, In: 10}, 3, 2)}
	for name, c := range map[string]struct {
		with        Adapter
		stack, mean string // words of the error; "" means fine
	}{
		"other rank":    {trained("b", 2, 2), "", "equal ranks"},
		"other scale":   {trained("b", 3, 1), "", "rescale"},
		"other start":   {started(a), "", "another start"},
		"dense":         {dense(a), "", "dense"},
		"other width":   {wider, "12×11", "12×11"},
		"other modules": {renamed, "1.k", "1.k"},
		"fewer modules": {a[:1], "over 1 modules", "over 1 modules"},
	} {
		var stack Stack
		var mean Mean
		for _, err := range []error{stack.AddAdapter(0.5, a), mean.AddAdapter(0.5, a)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for what, e := range map[string]struct {
			err   error
			words string
		}{"stack": {stack.AddAdapter(0.5, c.with), c.stack}, "mean": {mean.AddAdapter(0.5, c.with), c.mean}} {
			if (e.err != nil) != (e.words != "") || e.err != nil && !strings.Contains(e.err.Error(), e.words) {
				t.Errorf("%s of %s: the error is %v, expected one with %q", what, name, e.err, e.words)
			}
		}
	}
}

func TestRanksAndScalesKeepTheChange(t *testing.T) {
	a := trained("a", 3, 2)
	if d := distance(a.Pad(5), a); d != 0 {
		t.Errorf("padding moves the change by %.2g", d)
	}
	if p := a.Pad(5)[0]; p.Rank != 5 || p.Check() != nil {
		t.Errorf("padded to rank %d: %v", p.Rank, p.Check())
	}
	back, err := a.Pad(5).Truncate(3)
	if err != nil || !reflect.DeepEqual(back, a) {
		t.Errorf("padded and cut again, it is another (%v)", err)
	}
	for _, x := range []Adapter{a, started(a), dense(a)} {
		if d := distance(x.Rescale(0.3), x); d > 1e-7 {
			t.Errorf("rescaling moves the change by %.2g", d)
		}
		if s := x.Rescale(0.3)[1].Scale; s != 0.3 {
			t.Errorf("rescaled to %v, expected 0.3", s)
		}
	}
	cut, err := a.Truncate(1)
	if err != nil || cut[0].Rank != 1 || cut[0].A[9] != a[0].A[9] || cut[0].B[1] != a[0].B[3] {
		t.Errorf("cut to rank 1: %v, %v", cut, err)
	}
	for name, err := range map[string]error{
		"rank 0":      second(a.Truncate(0)),
		"dense":       second(dense(a).Truncate(1)),
		"with starts": second(started(a).Truncate(1)),
	} {
		if err == nil {
			t.Errorf("cut %s: went through", name)
		}
	}
}

func second(_ Adapter, err error) error { return err }

// The gap of a method that did what it should is 0, of one that did nothing 1, and a
// client that did not move counts for nothing.
func TestGapMeter(t *testing.T) {
	before, after := trained("before", 3, 2), trained("after", 3, 2)
	for _, c := range []struct {
		name     string
		deployed Adapter
		relative float64
	}{{"exact", after, 0}, {"nothing", before, 1}} {
		var m GapMeter
		m.Previous(1, before)
		m.Deployed(1, c.deployed)
		m.Made(1, after)
		m.Began(1, before)
		if g := m.Gap(); math.Abs(g.Relative()-c.relative) > 1e-15 {
			t.Errorf("%s: relative gap %v, expected %v", c.name, g.Relative(), c.relative)
		}
	}
	var idle GapMeter
	idle.Made(1, after)
	idle.Began(1, after)
	if g := idle.Gap(); g.Absolute != 0 || g.Wanted != 0 || g.Relative() != 0 {
		t.Errorf("nobody moved, and the gap is %v", g)
	}
	idle.Deployed(1, after)
	if g := idle.Gap(); !math.IsInf(g.Relative(), 1) {
		t.Errorf("a change that nobody wanted has relative gap %v", g.Relative())
	}
}

// The meter has the bits of two sums to which everything is added in the order of the calls,
// whether what is deployed comes last, as in a round, or between; and what it tells of the change
// is the sum of what was deployed.
func TestGapMeterAddsInOrder(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for at := range len(names) {
		var wanted, gap, change changes
		var seen ChangeMeter
		m := GapMeter{Change: &seen}
		deploy := func(weight float64, a Adapter) {
			gap.add(weight, a)
			change.add(weight, a)
		}
		for i, name := range names {
			made, began := trained(name, 1+i%3, 2), started(trained("before "+name, 1, 3))
			if i == at {
				deploy(-0.5, dense(began))
				m.Previous(0.5, dense(began))
				deploy(0.25, made)
				m.Deployed(0.25, made)
			}
			share := 0.1 * float64(i+1)
			wanted.add(share, made)
			wanted.add(-share, began)
			gap.add(-share, made)
			gap.add(share, began)
			m.Made(share, made)
			m.Began(share, began)
		}
		_, modules, each := m.Gaps()
		off, long := gap.norms(), wanted.norms()
		if !slices.Equal(modules, gap.order) || !slices.Equal(seen.sum.norms(), change.norms()) {
			t.Errorf("deployed at %d: modules %v, change %v, expected %v, %v", at, modules, seen.sum.norms(), gap.order, change.norms())
		}
		for i, g := range each {
			if g != gapOf(off[i], long[i]) {
				t.Errorf("deployed at %d: %+v, expected %v of %v", at, g, off[i], long[i])
			}
		}
	}
}
