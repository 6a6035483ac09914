package ailora

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/plugins/method"
)

// InitCorDA begins at the triples of W·E[xxᵀ], so that directions count as much as inputs
// use them: the leading ones (ipm) or the last (kpm, which keeps what the model knows). The
// base gives the start up, as the card says.
func InitCorDA() method.Method {
	c := method.Card{Name: "init-corda", Title: "Has the methods after it begin at the triples of the weight as inputs use it",
		Paper: "Yang et al., CorDA: Context-Oriented Decomposition Adaptation, NeurIPS 2024, arXiv 2406.05223",
		Roles: []method.Role{"client"},
		Params: measuring(
			method.Param{Name: "mode", Kind: method.Text, Default: "ipm", OneOf: []string{"ipm", "kpm"}, Doc: "ipm takes the leading triples (instruction-previewed), kpm the last (knowledge-preserved)"},
			method.Param{Name: "by_max", Kind: method.Flag, Default: false, Doc: "each example's inputs are divided by their largest, and examples are counted instead of tokens, as PEFT does call by call; false does nothing"})}
	c.Moves = true
	return measured{card: c, what: func(p method.Values) []method.Statistic {
		in := method.Input{Modules: method.Patterns(p.Text("modules")), Second: true}
		if p.Flag("by_max") {
			in.Scale = "max"
		}
		return []method.Statistic{in}
	}, begin: corda}
}

func corda(s method.Scene, all means) (out []started, _ []string, err error) {
	p := s.Params
	weights, err := weightsOf(s, method.Patterns(p.Text("modules")))
	if err != nil {
		return nil, nil, err
	}
	choose := start.Largest
	if p.Text("mode") == "kpm" {
		choose = smallestFirst
	}
	for _, w := range weights {
		moment, err := all.of("input", w.module)
		if err != nil {
			return nil, nil, err
		}
		st, err := start.CorDA(w.Dense, symmetric(moment), min(p.Int("rank"), w.Rows, w.Cols), p.Float("scale"), choose)
		if err != nil {
			return nil, nil, fmt.Errorf("module %s: %w", w.module, err)
		}
		out = append(out, started{w, st})
	}
	return out, nil, nil
}

// smallestFirst takes the last triples, the very last first: whoever cuts leading rows keeps
// those that a smaller rank would take.
func smallestFirst(q, rank int) []int {
	index := start.Smallest(q, rank)
	slices.Reverse(index)
	return index
}

// symmetric undoes what rounding did to a moment.
func symmetric(m linalg.Dense) linalg.Dense {
	out := m.Scaled(0.5)
	out.Add(0.5, m.T())
	return out
}
