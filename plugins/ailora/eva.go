package ailora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/plugins/method"
)

// InitEVA begins A at the principal directions of what enters a module, centred, and gives
// ranks to the modules whose inputs they explain best; B is 0. Means and second moments are
// what participants report, and are exactly those of their data together, which no chain of
// incremental decompositions is. A module that would be left without a rank keeps one
// direction: the methods here adapt the same modules throughout.
func InitEVA() method.Method {
	c := method.Card{Name: "init-eva", Title: "Has the methods after it begin at the principal directions of the inputs",
		Paper: "Paischer et al., One Initialization to Rule them All: Fine-tuning via Explained Variance Adaptation, arXiv 2410.07170",
		Roles: []method.Role{"client"},
		Params: measuring(
			method.Param{Name: "rho", Kind: method.Float, Default: 2.0, Min: 1, Max: 64, Doc: "ρ: a module may have up to ρ times the rank, of a budget of rank a module; at 1 every module has the rank"},
			method.Param{Name: "answers", Kind: method.Flag, Default: true, Doc: "only inputs at tokens of answers count (PEFT's label mask)"})}
	return measured{card: c, begin: eva, what: func(p method.Values) []method.Statistic {
		in := method.Input{Modules: method.Patterns(p.Text("modules")), Answers: p.Flag("answers")}
		second := in
		second.Second = true
		return []method.Statistic{in, second}
	}}
}

func eva(s method.Scene, all means) (out []started, warnings []string, err error) {
	weights, err := weightsOf(s, method.Patterns(s.Params.Text("modules")))
	if err != nil {
		return nil, nil, err
	}
	rank := s.Params.Int("rank")
	follow := int(s.Params.Float("rho") * float64(rank))
	var axes []*start.PCA
	var explained [][]float64
	for _, w := range weights {
		mu, err := all.of("input", w.module)
		if err != nil {
			return nil, nil, err
		}
		second, err := all.of("input.2", w.module)
		if err != nil {
			return nil, nil, err
		}
		p, err := start.FromMoments(mu.Data, second, all["input"].count, min(follow, w.Rows, w.Cols))
		if err != nil {
			return nil, nil, err
		}
		axes, explained = append(axes, p), append(explained, p.Explained())
	}
	ranks := start.Share(explained, rank*len(weights))
	for i, w := range weights {
		if ranks[i] == 0 {
			ranks[i] = 1
			warnings = append(warnings, fmt.Sprintf("module %s explains too little for a rank of its own; it keeps one direction, where EVA would leave it out", w.module))
		}
		st, err := start.EVA(axes[i], w.Rows, ranks[i])
		if err != nil {
			return nil, nil, fmt.Errorf("module %s: %w", w.module, err)
		}
		out = append(out, started{w, st})
	}
	return out, warnings, nil
}
