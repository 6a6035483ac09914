package merge

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/lora"
)

type goldenMerge struct {
	Tag      string
	Adapters []string
	Weights  []float64
	Kind     string   `json:"combination_type"`
	Density  *float64 // absent where the merge drops nothing
	Sign     string   `json:"majority_sign_method"`
	Rank     *int     `json:"svd_rank"`
	NewRank  int      `json:"new_r"`
	NewScale float64  `json:"new_scaling"`
}

type goldenAdapter struct {
	R       int
	Scaling float64
	Modules []string
	RSLoRA  bool `json:"use_rslora"`
}

// Every merge of PEFT's, factors and changes, with the masks that PEFT drew.
func TestGoldenMerges(t *testing.T) {
	all := func(string) bool { return true }
	linalgtest.Cases(t, "lora/merge", all, func(t *testing.T, g *linalgtest.Case) {
		inputs := linalgtest.Params[struct{ Adapters map[string]goldenAdapter }](t, g).Adapters
		for _, row := range linalgtest.Table[goldenMerge](t, g, "merges") {
			got, err := Merge(row.Kind, row.parts(t, g, inputs), row.options(t, g, inputs))
			if err != nil {
				t.Fatalf("%s: %v", row.Tag, err)
			}
			for _, p := range got {
				at := row.Tag + "." + p.Module + "."
				g.Check(t, at+"A", wide(p.A))
				g.Check(t, at+"B", wide(p.B))
				g.Check(t, at+"delta", p.Delta().Data)
				if p.Rank != row.NewRank || math.Abs(p.Scale-row.NewScale) > 1e-15*row.NewScale {
					t.Errorf("%s: rank %d and scale %v, expected %d and %v", at, p.Rank, p.Scale, row.NewRank, row.NewScale)
				}
			}
		}
		g.Done(t)
	})
}

func (row goldenMerge) parts(t *testing.T, g *linalgtest.Case, inputs map[string]goldenAdapter) (parts []Part) {
	for i, name := range row.Adapters {
		in, part := inputs[name], Part{Name: name, Weight: row.Weights[i]}
		for _, module := range in.Modules {
			if !g.Has(module + "." + name + ".A") {
				continue
			}
			a, b := g.Get(t, module+"."+name+".A"), g.Get(t, module+"."+name+".B")
			part.Adapter = append(part.Adapter, lora.Pair{Module: module, Out: b.Rows, In: a.Cols, Rank: a.Rows, A: a.Narrow(), B: b.Narrow(), Scale: in.Scaling})
		}
		parts = append(parts, part)
	}
	return parts
}

func (row goldenMerge) options(t *testing.T, g *linalgtest.Case, inputs map[string]goldenAdapter) Options {
	o := Options{RootScale: inputs[row.Adapters[0]].RSLoRA, Density: 1}
	if row.Density != nil {
		o.Density = *row.Density
	}
	if row.Rank != nil {
		o.Rank = *row.Rank
	}
	if row.Sign == "frequency" {
		o.Sign = Frequency
	}
	o.Mask = func(module, what, part string, rows, cols int) []bool {
		m := g.Get(t, fmt.Sprintf("%s.%s.mask.%s.%s", row.Tag, module, what, part))
		if m.Rows != rows || m.Cols != cols {
			t.Fatalf("%s: a mask of %d×%d for %d×%d", row.Tag, m.Rows, m.Cols, rows, cols)
		}
		keep := make([]bool, len(m.Data))
		for i, x := range m.Data {
			keep[i] = x == 1
		}
		return keep
	}
	return o
}

func wide(x []float32) []float64 { return linalg.Widen(1, len(x), x).Data }
