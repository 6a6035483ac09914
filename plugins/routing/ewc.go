package routing

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/plugins/method"
)

// EWC is elastic weight consolidation, online: after each task the Fisher information of the
// adapter's numbers is measured and added to what stands, F ← γF + mean g², and the next
// task's loss gains λ·Σ F(θ−θ*)², without a ½ (Kirkpatrick et al. 2017; Schwarz et al. 2018,
// section 3.2). Gradients are those of single examples, and know no penalty.
func EWC() method.Method {
	return shared{
		card: card("ewc", "One adapter, held where the Fisher information of past tasks is large",
			"Kirkpatrick et al., Overcoming catastrophic forgetting in neural networks, PNAS 2017",
			method.Param{Name: "lambda", Kind: method.Float, Default: 400.0, Min: 0, Max: 1e12, Doc: "weight of the penalty; 0 does nothing"},
			method.Param{Name: "gamma", Kind: method.Float, Default: 1.0, Min: 0, Max: 1, Doc: "share of the older information that stays when a task is added; 0 holds to the last task alone"}),
		lesson: func(r method.PlanRequest, m memory) lesson {
			x := lesson{on: r.Start}
			if lambda := r.Params.Float("lambda"); m.Fisher != "" && lambda > 0 {
				x.terms = append(method.CE[:1:1], method.Times(lambda, method.Quadratic{Of: trained, Centre: m.Before, Fisher: m.Fisher}))
			}
			return x
		},
		after: func(r method.PlanRequest, m memory) method.Assignment {
			return method.Assignment{Name: "fisher", Recipe: method.Probe{Model: beside(r.Start, trained, m.Now, 1), What: []method.Statistic{method.Fisher{Of: trained}}}}
		},
		learn: addFisher,
	}
}

// addFisher adds the mean over the participants' examples to γ times what stands.
func addFisher(r method.FoldRequest, m *memory) ([]method.Value, error) {
	n, err := method.Examples(r.Reports)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("routing: no example behind the Fisher information")
	}
	var names []linalg.Tensor
	var sums [][]float64
	add := func(t method.Tensors, weight float64) error {
		at := 0
		for _, x := range t.List {
			if x.Name == "count" {
				continue
			}
			if at == len(names) && (len(names) == 0 || names[0].Name != x.Name) {
				names, sums = append(names, linalg.Tensor{Name: x.Name, Shape: x.Shape}), append(sums, make([]float64, len(x.Data)))
			}
			if at >= len(names) || names[at].Name != x.Name || len(sums[at]) != len(x.Data) {
				return fmt.Errorf("routing: Fisher information of %q, %d numbers, stands where another was before", x.Name, len(x.Data))
			}
			kernel.AddWide(sums[at], weight, x.Data)
			at++
		}
		return nil
	}
	if m.Fisher != "" {
		t, err := r.Blobs.Open(m.Fisher)
		if err == nil {
			err = add(t, r.Params.Float("gamma"))
		}
		if err != nil {
			return nil, err
		}
	}
	for rep, err := range r.Reports.All() {
		if err != nil {
			return nil, err
		}
		t, err := r.Blobs.Open(rep.Blob("fisher"))
		if err == nil {
			err = add(t, float64(rep.Examples)/n)
		}
		if err != nil {
			return nil, fmt.Errorf("routing: the report of %s: %w", rep.From, err)
		}
	}
	out := method.Tensors{Meta: map[string]string{"kind": "statistic", "statistic": "fisher"}}
	for i, x := range names {
		x.Data = make([]float32, len(sums[i]))
		for j, v := range sums[i] {
			x.Data[j] = float32(v)
		}
		out.List = append(out.List, x)
	}
	m.Fisher, err = r.Blobs.Put(out)
	return nil, err
}
