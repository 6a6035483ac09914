package ailora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/plugins/method"
)

// sizes are LoRA-GA's, by the names of the authors' release.
var sizes = map[string]start.Size{"stable": start.Stable, "gd": start.Descent, "unit": start.Unit, "weightS": start.Weight}

// InitLoRAGA begins where the first step goes the way of full training: at the triples of
// the gradient of the weight, averaged over all labels of all participants. The authors'
// form, with unit vectors in both factors; the base gives the start up.
func InitLoRAGA() method.Method {
	c := method.Card{Name: "init-lora-ga", Title: "Has the methods after it begin at the triples of the gradient",
		Paper: "Wang, Yu and Li, LoRA-GA: Low-Rank Adaptation with Gradient Approximation, NeurIPS 2024, arXiv 2407.05000",
		Roles: []method.Role{"client"},
		Params: measuring(
			method.Param{Name: "gamma", Kind: method.Float, Default: 16.0, Min: 1e-6, Max: 1e9, Doc: "γ of the size stable: factors are times out^¼/√γ"},
			method.Param{Name: "size", Kind: method.Text, Default: "stable", OneOf: []string{"stable", "gd", "unit", "weightS"}, Doc: "how large the factors are: stable, gd (1/s each), unit, weightS (as the weight's own triples)"})}
	c.Moves = true
	return measured{card: c, what: func(p method.Values) []method.Statistic {
		return []method.Statistic{method.Gradient{Modules: method.Patterns(p.Text("modules"))}}
	}, begin: loraGA}
}

func loraGA(s method.Scene, all means) (out []started, warnings []string, err error) {
	p := s.Params
	weights, err := weightsOf(s, method.Patterns(p.Text("modules")))
	if err != nil {
		return nil, nil, err
	}
	for _, w := range weights {
		g, err := all.of("gradient", w.module)
		if err != nil {
			return nil, nil, err
		}
		rank := p.Int("rank")
		if most := min(w.Rows, w.Cols) / 2; rank > most { // it takes 2·rank triples
			rank = most
			warnings = append(warnings, fmt.Sprintf("module %s of %d×%d has triples for rank %d of LoRA-GA, which takes two a rank", w.module, w.Rows, w.Cols, most))
		}
		st, err := start.LoRAGA(w.Dense, g, rank, p.Float("scale"), p.Float("gamma"), sizes[p.Text("size")])
		if err != nil {
			return nil, nil, fmt.Errorf("module %s: %w", w.module, err)
		}
		out = append(out, started{w, st})
	}
	return out, warnings, nil
}
