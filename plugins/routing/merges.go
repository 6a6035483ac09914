package routing

import (
	"github.com/loramesh/loramesh/linalg/lora/merge"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// lambda is the parameter of those that add changes up.
var lambda = method.Param{Name: "lambda", Kind: method.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "what every task's change is multiplied by; 0 takes 1/T, the plain average"}

// weightOf is lambda, or 1/T.
func weightOf(p method.Values, m memory) float64 {
	if l := p.Float("lambda"); l > 0 {
		return l
	}
	return 1 / float64(len(m.Experts))
}

// Arithmetic adds the tasks' changes, W + λ·Σ ΔW_t, exactly (Ilharco et al. 2023).
func Arithmetic() method.Method {
	return apart{
		card: card("task-arithmetic", "An adapter for each task; their changes are added",
			"Ilharco et al., Editing Models with Task Arithmetic, ICLR 2023", lambda),
		deploy: func(r method.FoldRequest, m memory) (method.Model, error) {
			return together(r.Start, m, weightOf(r.Params, m)), nil
		},
	}
}

// TIES keeps the largest entries of every change, lets them vote on signs, and averages those
// that agree (Yadav et al. 2023), cut to the adapters' rank.
func TIES() method.Method {
	return apart{
		card: card("ties", "An adapter for each task; their largest entries vote on signs",
			"Yadav et al., TIES-Merging: Resolving Interference When Merging Models, NeurIPS 2023",
			method.Param{Name: "density", Kind: method.Float, Default: 0.2, Min: 1e-3, Max: 1, Doc: "share of a change's entries that stay; 1 keeps all"},
			method.Param{Name: "lambda", Kind: method.Float, Default: 1.0, Min: 1e-6, Max: 1e3, Doc: "what the mean of the entries that agree is multiplied by"}),
		deploy: func(r method.FoldRequest, m memory) (method.Model, error) {
			return merged(r, m, "ties_svd", merge.Options{Density: r.Params.Float("density"), Rank: m.Rank})
		},
	}
}

// DARE drops entries of every change at random, makes up for it by 1/density, and adds what
// is left (Yu et al. 2024), cut to the adapters' rank.
func DARE() method.Method {
	return apart{
		card: card("dare", "An adapter for each task; random entries of their changes are added",
			"Yu et al., Language Models are Super Mario, ICML 2024",
			method.Param{Name: "density", Kind: method.Float, Default: 0.5, Min: 1e-3, Max: 1, Doc: "share of a change's entries that stay; 1 does nothing"}, lambda),
		deploy: func(r method.FoldRequest, m memory) (method.Model, error) {
			density := r.Params.Float("density")
			return merged(r, m, "dare_linear_svd", merge.Options{Density: density, Rank: m.Rank, Mask: merge.Drawn(rng.New(r.Seed).At("dare"), density)})
		},
	}
}

// merged is the model with one adapter that was merged from all tasks'.
func merged(r method.FoldRequest, m memory, how string, o merge.Options) (method.Model, error) {
	var parts []merge.Part
	weight := weightOf(r.Params, m)
	for _, e := range m.Experts {
		a, err := openLoRA(r.Blobs, e.LoRA)
		if err != nil {
			return method.Model{}, err
		}
		parts = append(parts, merge.Part{Name: e.Task, Weight: weight, Adapter: a})
	}
	one, err := merge.Merge(how, parts, o)
	if err != nil {
		return method.Model{}, err
	}
	b, err := r.Blobs.Put(one.Tensors())
	return beside(r.Start, trained, b, 1), err
}
