package lora

import (
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// F5: numbers moved per module and round, counted on the tensors that would travel.
func TestGoldenBytes(t *testing.T) {
	one(t, "bytes", func(t *testing.T, g *linalgtest.Case) {
		for _, row := range linalgtest.Table[struct {
			M, N    int
			Ranks   []int
			Numbers map[string][2]int `json:"numbers_up_down_all_clients"`
			Exceeds bool              `json:"stack_exceeds_dense"`
		}](t, g, "modules") {
			c := client{out: row.M, in: row.N}
			k := len(row.Ranks)
			var stack, paper Stack
			paper.KeepFactors = true
			mean := Mean{Pad: true}
			up := 0
			for _, r := range row.Ranks {
				x := c.adapter(r).Tensors()
				up += x.Floats()
				for _, add := range []func(float64, linalg.Tensors) error{stack.Add, paper.Add, mean.Add} {
					if err := add(1/float64(k), x); err != nil {
						t.Fatal(err)
					}
				}
			}
			full := row.M * row.N
			got := map[string][2]int{
				"full":                             {k * full, k * full},
				"zero_pad":                         {up, k * mean.Tensors().Floats()},
				"flora":                            {up, k * paper.Tensors().Floats()},
				"flora_smaller_of_stack_and_dense": {up, k * stack.Tensors().Floats()},
			}
			if dense := stack.Adapter()[0].Dense(); dense != row.Exceeds {
				t.Errorf("%d×%d, ranks %v: dense is %v, expected %v", row.M, row.N, row.Ranks, dense, row.Exceeds)
			}
			if n := StackFloats(row.M, row.N, row.Ranks...); n != stack.Tensors().Floats() {
				t.Errorf("%d×%d, ranks %v: StackFloats says %d, the stack has %d", row.M, row.N, row.Ranks, n, stack.Tensors().Floats())
			}
			for name, n := range redistributed(t, c, row.Ranks, &stack, &mean) { // which uses the stack up
				got[name] = [2]int{up, n}
			}
			if _, equal := row.Numbers["fedit"]; equal {
				for name, n := range equalRanks(t, c, row.Ranks[0], k) {
					got[name] = n
				}
			}
			for name := range row.Numbers {
				if _, counted := got[name]; !counted {
					t.Errorf("nothing counts the numbers of %s", name)
				}
			}
			for method, n := range got {
				if want := row.Numbers[method]; n != want {
					t.Errorf("%d×%d, ranks %v, %s: %v up and down, expected %v", row.M, row.N, row.Ranks, method, n, want)
				}
			}
		}
		wholeModels(t, g)
	})
}

// redistributed are the numbers that all clients receive together where each is sent
// the leading rows that it can hold.
func redistributed(t *testing.T, c client, ranks []int, stack *Stack, mean *Mean) map[string]int {
	t.Helper()
	top, err := stack.Top(c.adapter(slices.Max(ranks)).Rank(), 1)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for name, global := range map[string]Adapter{"hetlora": mean.Adapter(), "flexlora": top} {
		for _, r := range ranks {
			sent, err := global.Truncate(r)
			if err != nil {
				t.Fatal(err)
			}
			n[name] += sent.Floats()
		}
	}
	return n
}

// equalRanks are the numbers up and down of the methods that need one rank for all k clients.
func equalRanks(t *testing.T, c client, rank, k int) map[string][2]int {
	t.Helper()
	x := c.adapter(rank)
	both := func(f Factors) [2]int {
		n := 0
		for _, p := range f {
			n += p.Floats()
		}
		return [2]int{k * n, k * n}
	}
	a, err := x.Only("A")
	if err != nil {
		t.Fatal(err)
	}
	b, err := x.Only("B")
	if err != nil {
		t.Fatal(err)
	}
	residual := NewResidual(x, k)
	for range k {
		if err := residual.Add(1/float64(k), x); err != nil {
			t.Fatal(err)
		}
	}
	whole := both(Factors(x))
	return map[string][2]int{
		"fedit": whole, "lora_fair": whole, "ffa_lora": both(b), "rolora_B_round": both(b), "rolora_A_round": both(a), "fedsa": both(a),
		"fedex": {whole[0], whole[1] + k*residual.Adapter().Floats()},
	}
}

func wholeModels(t *testing.T, g *linalgtest.Case) {
	t.Helper()
	for _, row := range linalgtest.Table[struct {
		Model   string
		Layers  int
		Modules [][2]int
		Numbers int
	}](t, g, "whole_models") {
		n := 0
		for _, m := range row.Modules {
			n += row.Layers * FactorFloats(m[0], m[1], 16)
		}
		if row.Modules != nil && n != row.Numbers {
			t.Errorf("%s: %d numbers, expected %d", row.Model, n, row.Numbers)
		}
	}
}

type client struct{ out, in int }

func (c client) adapter(rank int) Adapter {
	return Adapter{Fresh(rng.New(1), Module{Name: "0.q", Out: c.out, In: c.in}, min(rank, MaxRank(c.out, c.in)), 2, Kaiming{})}
}
