package ailora

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
)

// weight is what a module computes with, out×in: the base's, and what is merged into it.
type weight struct {
	module string
	linalg.Dense
}

// weightsOf are the weights of the modules that patterns name, as the model to build on has
// them: what participants would decompose.
func weightsOf(s method.Scene, modules []string) (out []weight, err error) {
	i := slices.IndexFunc(s.Bases, func(b method.Base) bool { return b.Name == s.Start.Base })
	if i < 0 {
		return nil, fmt.Errorf("ailora: the model to build on is of base %q, which the scene does not have", s.Start.Base)
	}
	base := s.Bases[i]
	tensors, err := s.Blobs.Open(base.Blob)
	if err != nil {
		return nil, err
	}
	config, err := nn.ParseConfig([]byte(tensors.Meta["config"]))
	if err != nil {
		return nil, fmt.Errorf("ailora: the shape of base %q: %w", base.Name, err)
	}
	merged, err := mergedInto(s)
	if err != nil {
		return nil, err
	}
	for _, m := range base.Modules {
		if ok, err := matches(modules, m.Name); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		w, err := config.WeightIn(tensors, m.Name)
		if err != nil {
			return nil, fmt.Errorf("ailora: %w", err)
		}
		w = w.Scaled(1) // the blob's memory is lent
		for _, x := range merged {
			if p, ok := x.adapter.Pair(m.Name); ok {
				w.Add(x.scale, p.Delta())
			}
		}
		out = append(out, weight{m.Name, w})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("ailora: %q names no module of base %q", modules, base.Name)
	}
	return out, nil
}

func matches(patterns []string, module string) (bool, error) {
	for _, p := range patterns {
		if ok, err := linalg.Match(p, module); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// merging is an adapter that is in the weights.
type merging struct {
	adapter lora.Adapter
	scale   float64
}

func mergedInto(s method.Scene) (out []merging, err error) {
	for _, a := range s.Start.Attach {
		if !a.Merge || a.From.Blob == "" {
			continue
		}
		x, err := s.Blobs.Open(a.From.Blob)
		if err != nil {
			return nil, err
		}
		adapter, err := lora.Parse(x)
		if err == nil && a.Rank > 0 {
			adapter, err = adapter.Truncate(a.Rank)
		}
		if err != nil {
			return nil, fmt.Errorf("ailora: attachment %q: %w", a.Name, err)
		}
		out = append(out, merging{adapter, a.Scale})
	}
	return out, nil
}
