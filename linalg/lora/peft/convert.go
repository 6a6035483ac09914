package peft

import (
	"fmt"
	"maps"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/lora"
)

// Since is the folder's change since it began, for the base as it was: begun is the folder as
// it was saved straight after its initialisation, and every layer becomes s(BA − B₀A₀) at the
// sum of both ranks, [B | −B₀] and [A; A₀]. PEFT does the same when it saves a PiSSA adapter
// with path_initial_model_for_weight_conversion.
func (f *Folder) Since(begun *Folder) (*Folder, error) {
	if what := f.beyondFactors(); what != "" {
		return nil, fmt.Errorf("the adapter has %s: a change since the start is made of factors alone", what)
	}
	if len(begun.Layers) != len(f.Layers) {
		return nil, fmt.Errorf("the adapter has %d layers and its start %d: they are not of one training", len(f.Layers), len(begun.Layers))
	}
	var pairs lora.Adapter
	for _, l := range f.Layers {
		b, ok := begun.Layer(l.Module)
		if !ok || b.Out != l.Out || b.In != l.In || b.Scale != l.Scale {
			return nil, fmt.Errorf("module %q has another size or scale in the start, or is not there: they are not of one training", l.Module)
		}
		p := l.Pair
		p.A0, p.B0 = b.A, b.B
		pairs = append(pairs, p.Plain())
	}
	out := f.with(pairs)
	out.Config.Init = "true"
	return out, nil
}

// Truncated cuts every layer of a larger rank to the nearest change of that rank, by SVD:
// singular values in B, the scale as it was. What else the folder has stays.
func (f *Folder) Truncated(rank int) (*Folder, error) {
	if rank < 1 {
		return nil, fmt.Errorf("cutting to rank %d, expected at least 1", rank)
	}
	if f.Config.Moved() { // the base that the factors belong to depends on their rank
		return nil, f.Config.errMoved()
	}
	var pairs lora.Adapter
	for _, l := range f.Layers {
		p := l.Pair
		if p.Rank > rank {
			d, err := factor.ProductTop(linalg.Widen(p.Out, p.Rank, p.B), linalg.Widen(p.Rank, p.In, p.A), rank)
			if err != nil {
				return nil, fmt.Errorf("module %q: %w", l.Module, err)
			}
			us := linalg.NewDense(p.Out, len(d.Sigma))
			for i := range us.Rows {
				for k, s := range d.Sigma {
					us.Row(i)[k] = d.U.At(i, k) * s
				}
			}
			p.Rank, p.B, p.A = len(d.Sigma), us.Narrow(), d.V.T().Narrow()
		}
		pairs = append(pairs, p)
	}
	return f.with(pairs), nil
}

// Plain states the scales without rsLoRA, by alpha/rank alone, and WithRSLoRA the other way
// round: scales and factors stay what they were.
func (f *Folder) Plain() *Folder { return f.with(f.pairs()) }

// WithRSLoRA is Plain by alpha/√rank.
func (f *Folder) WithRSLoRA() *Folder {
	out := f.with(f.pairs())
	out.Config.RSLoRA = true
	out.Config.Alphas = nil
	for i, l := range out.Layers {
		out.Layers[i].Alpha = rootAlpha(l.Pair)
	}
	out.Config.Alpha = out.Layers[0].Alpha
	for _, l := range out.Layers {
		if l.Alpha != out.Config.Alpha {
			out.Config.Alphas = append(out.Config.Alphas, exactly(l.Module, l.Alpha))
		}
	}
	return out
}

// with is the folder with other pairs for its layers, in their order. The config says their
// ranks and scales by alpha/rank, and chooses them by their whole paths.
func (f *Folder) with(pairs lora.Adapter) *Folder {
	out := FromPairs(pairs, f.Config.Base, f.Config.Task)
	c := f.Config
	c.Rank, c.Alpha, c.Ranks, c.Alphas = out.Config.Rank, out.Config.Alpha, out.Config.Ranks, out.Config.Alphas
	c.RSLoRA, c.Layers, c.LayersIn = false, nil, nil
	c.Targets, c.Excluded = out.Config.Targets, Names{}
	out.Config = c
	for i, l := range f.Layers {
		l.Pair, l.Alpha = out.Layers[i].Pair, out.Layers[i].Alpha
		out.Layers[i] = l
	}
	out.Saved, out.Meta = slices.Clone(f.Saved), maps.Clone(f.Meta)
	return out
}
