package lora

import (
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
			if _, equal := row.Numbers["fedit"]; equal {
				got["fedit"] = got["zero_pad"]
			}
			for method, n := range got {
				if want := row.Numbers[method]; n != want {
					t.Errorf("%d×%d, ranks %v, %s: %v up and down, expected %v", row.M, row.N, row.Ranks, method, n, want)
				}
			}
			if dense := stack.Adapter()[0].Dense(); dense != row.Exceeds {
				t.Errorf("%d×%d, ranks %v: dense is %v, expected %v", row.M, row.N, row.Ranks, dense, row.Exceeds)
			}
			if n := StackFloats(row.M, row.N, row.Ranks...); n != stack.Tensors().Floats() {
				t.Errorf("%d×%d, ranks %v: StackFloats says %d, the stack has %d", row.M, row.N, row.Ranks, n, stack.Tensors().Floats())
			}
		}
		wholeModels(t, g)
	})
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
