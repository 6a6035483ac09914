package lora

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// grown is an adapter of one module with both factors drawn.
func grown(k, out, in, rank int, scale float64) Adapter {
	p := Fresh(rng.New(1).At("client", k), Module{Name: "0.q", Out: out, In: in}, rank, scale, Gaussian{Std: 1})
	s := rng.New(2).At("client", k).Stream()
	for i := range p.B {
		p.B[i] = float32(s.Norm())
	}
	return Adapter{p}
}

// A sum is cut alike whether its factors were kept or had become one matrix, and one of a
// client alone is that client's change.
func TestTopOfAStack(t *testing.T) {
	for _, keep := range []bool{true, false} {
		stack := Stack{KeepFactors: keep}
		var sum linalg.ProductSum
		for k, r := range []int{6, 3, 5} {
			x := grown(k, 9, 11, r, 0.5+float64(k))
			if err := stack.AddAdapter(0.25, x); err != nil {
				t.Fatal(err)
			}
			x[0].addTo(0.25*x[0].Scale, &sum)
		}
		want, err := topOf(&sum, 4, 1)
		if err != nil {
			t.Fatal(err)
		}
		got, err := stack.Top(4, 1)
		if err != nil {
			t.Fatal(err)
		}
		off := minus(got[0].Delta(), want.Product())
		if e := linalg.Norm(off.Data) / linalg.Norm(want.Sigma); e > 1e-6 || got[0].Rank != 4 {
			t.Errorf("factors kept %v: rank %d, %.2g away", keep, got[0].Rank, e)
		}
	}
	x := grown(7, 12, 10, 3, 2)
	for name, cut := range map[string]func(*Stack) (Adapter, error){
		"top": func(one *Stack) (Adapter, error) { return one.Top(3, 1) }, "energy": func(one *Stack) (Adapter, error) { return one.Energy(1, 1) },
	} {
		one := &Stack{}
		if err := one.AddAdapter(1, x); err != nil {
			t.Fatal(err)
		}
		got, err := cut(one)
		if err != nil {
			t.Fatal(err)
		}
		off := minus(got[0].Delta(), x[0].Delta())
		if e := linalg.Norm(off.Data) / linalg.Norm(x[0].Delta().Data); e > 1e-6 {
			t.Errorf("%s of one client is %.2g away from its change", name, e)
		}
	}
}

// The residual completes the mean, thin and dense, and one client has none.
func TestResidualCompletesTheMean(t *testing.T) {
	for _, c := range []struct {
		clients int
		dense   bool
	}{{2, false}, {3, false}, {9, true}} {
		var mean Mean
		var list []Adapter
		share := 1 / float64(c.clients)
		for k := range c.clients {
			list = append(list, grown(k, 24, 20, 3, 2))
			if err := mean.AddAdapter(share, list[k]); err != nil {
				t.Fatal(err)
			}
		}
		r := NewResidual(mean.Adapter(), c.clients)
		var m GapMeter
		for _, x := range list {
			if err := r.Add(share, x); err != nil {
				t.Fatal(err)
			}
			m.Made(share, x)
		}
		m.Deployed(1, mean.Adapter())
		before := m.Gap().Relative()
		m.Deployed(1, r.Adapter())
		if g := m.Gap().Relative(); g > 1e-6 || before < 0.1 {
			t.Errorf("%d clients: with the residual the error is %.2g, without it %.2g", c.clients, g, before)
		}
		if got := r.Adapter()[0].Dense(); got != c.dense {
			t.Errorf("%d clients: dense is %v", c.clients, got)
		}
		if err := r.Add(share, list[0]); err == nil {
			t.Error("one client too many was added")
		}
	}
	alone := NewResidual(grown(0, 5, 5, 2, 1), 1)
	if err := alone.Add(1, grown(0, 5, 5, 2, 1)); err != nil || alone.Adapter() != nil {
		t.Errorf("the residual of one client is %v (%v)", alone.Adapter(), err)
	}
}

// Where the rows of Ā depend on each other, λ = 0 has no answer and the error says so.
func TestCorrectionNeedsIndependentRows(t *testing.T) {
	x := grown(1, 6, 5, 2, 1)
	copy(x[0].A[5:], x[0].A[:5])
	c := NewCorrection(x)
	if err := c.Add(1, x); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Adapter(0); err == nil || !strings.Contains(err.Error(), "raise λ") {
		t.Errorf("got %v", err)
	}
	got, err := c.Adapter(0.1)
	if err != nil || fmt.Sprint(got[0].B) != fmt.Sprint(x[0].B) {
		t.Errorf("the mean of one client was moved: %v", err)
	}
}

// The tail is a hundredth part at γ = 0.99, and pruning stops at the least rank.
func TestPrunedRank(t *testing.T) {
	for _, c := range []struct {
		rank, least  int
		began, ended float64
		want         int
	}{{8, 1, 2, 1, 4}, {8, 1, 1, 2, 8}, {8, 6, 2, 1, 6}, {1, 1, 2, 1, 1}, {4, 8, 2, 1, 4}, {8, 1, 0, 0, 8}} {
		if got := PrunedRank(c.rank, c.least, 0.5, c.began, c.ended); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
