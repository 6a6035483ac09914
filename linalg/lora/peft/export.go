package peft

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
)

// Export makes a folder of an adapter of ours, for a causal language model. Modules must have
// the paths of those that the adapter has pairs for; base is what PEFT is told to load it on.
//
// It loads on the base as it was: a pair whose start moved the base is written at the sum of
// both ranks (the conversion that PEFT makes for PiSSA), and a dense pair at full rank; see
// [lora.Pair.Plain]. Pairs of rows of one layer (GPT-2's q and v) become one adapter of the
// layer, each with ranks of its own: rows of B that are not a pair's are 0 there.
func Export(a lora.Adapter, modules []lora.Module, base string) (*Folder, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	var pairs layers
	for _, p := range a {
		at := slices.IndexFunc(modules, func(m lora.Module) bool { return m.Name == p.Module })
		if at < 0 || modules[at].Path == "" {
			return nil, fmt.Errorf("lora: module %s has no path in a Hugging Face model: this base cannot be exported to PEFT", p.Module)
		}
		pairs = pairs.join(inLayer(p.Plain(), modules[at]))
	}
	return FromPairs(lora.Adapter(pairs), base, "CAUSAL_LM"), nil
}

// inLayer is a pair of a module as one of its whole layer, named by the path.
func inLayer(p lora.Pair, m lora.Module) lora.Pair {
	p.Module = m.Path
	if m.LayerOut == 0 {
		return p
	}
	b := make([]float32, m.LayerOut*p.Rank)
	copy(b[m.First*p.Rank:], p.B)
	p.Out, p.B = m.LayerOut, b
	return p
}

// layers are pairs of which no two are for one layer.
type layers lora.Adapter

// join adds a pair; if the layer has one already, the ranks add up, at the scale of the first.
func (l layers) join(p lora.Pair) layers {
	i := slices.IndexFunc(l, func(q lora.Pair) bool { return q.Module == p.Module })
	if i < 0 {
		return append(l, p)
	}
	q := l[i]
	b := make([]float32, 0, q.Out*(q.Rank+p.Rank))
	for row := range q.Out {
		b = append(b, q.B[row*q.Rank:(row+1)*q.Rank]...)
		b = append(b, p.B[row*p.Rank:(row+1)*p.Rank]...)
	}
	a := slices.Clone(q.A)
	for _, x := range p.A {
		a = append(a, float32(float64(x)*(p.Scale/q.Scale)))
	}
	l[i].Rank, l[i].A, l[i].B = q.Rank+p.Rank, a, b
	return l
}

// FromPairs makes a folder of plain pairs whose modules are paths. Rank and alpha, which is
// s·rank, are those of the first; others that differ become patterns of whole paths: PEFT
// saves patterns sorted and takes the first match, so only whole names are safe.
func FromPairs(pairs lora.Adapter, base, task string) *Folder {
	c := defaults()
	c.Base, c.Task = base, task
	c.Rest["inference_mode"], c.Rest["lora_dropout"] = json.RawMessage("true"), json.RawMessage("0.0")
	f := &Folder{}
	for _, p := range pairs {
		f.Layers = append(f.Layers, Layer{Pair: p, Alpha: alpha(p)})
	}
	slices.SortFunc(f.Layers, func(x, y Layer) int { return byPath(x, y.Module) })
	c.Rank, c.Alpha = pairs[0].Rank, alpha(pairs[0])
	for _, l := range f.Layers {
		c.Targets.List = append(c.Targets.List, l.Module)
		if l.Rank != c.Rank {
			c.Ranks = append(c.Ranks, exactly(l.Module, float64(l.Rank)))
		}
		if l.Alpha != c.Alpha {
			c.Alphas = append(c.Alphas, exactly(l.Module, l.Alpha))
		}
	}
	f.Config = c
	return f
}

// alpha is the number that gives the pair's scale back when divided by its rank, and
// rootAlpha that for the rank's root. Scales that came from whole alphas give whole alphas,
// without a last digit off.
func alpha(p lora.Pair) float64 { return undivided(p.Scale, float64(p.Rank)) }

func rootAlpha(p lora.Pair) float64 { return undivided(p.Scale, math.Sqrt(float64(p.Rank))) }

func undivided(scale, by float64) float64 {
	x := scale * by
	if whole := math.Round(x); whole/by == scale {
		return whole
	}
	return x
}
