package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// carriesRouters: experts that run beside the weights, found by keys, by a column, by the prompt
// as a whole, or all alike.
func carriesRouters(m method.Model) error {
	told := 0
	for i, r := range m.Routers {
		switch r.By {
		case method.Standardised, method.Absolute, method.Uniform:
		case method.ByColumn:
			if told++; r.Column == "" || told > 1 {
				return fmt.Errorf("router %d goes by a column: one router may, and Router.Column names it", i)
			}
		case method.Nearest, method.Judged:
			if told++; r.Grain != method.Sequence || told > 1 {
				return fmt.Errorf("router %d is %s, grain %s: one router may look at whole prompts, and decides for the sequence (Router.Grain %s)", i, r.By, r.Grain, method.Sequence)
			}
			if r.By == method.Judged && r.Judge == "" {
				return fmt.Errorf("router %d is judged, and has no judge (Router.Judge)", i)
			}
		default:
			return refuse("a router that is %s (Router.By)", r.By)
		}
		for _, x := range r.Over {
			k := slices.IndexFunc(m.Attach, func(a method.Attach) bool { return a.Name == x.Attach })
			if k >= 0 && m.Attach[k].Merge {
				return fmt.Errorf("router %d shares rows with attachment %q, which is merged into the weights", i, x.Attach)
			}
		}
	}
	return nil
}

// carriesRoutedFit: beside routers that decide token by token others can be trained. Those
// that decide for prompts would have to know where a prompt ends in every step.
func carriesRoutedFit(m method.Model) error {
	for i, r := range m.Routers {
		if r.By != method.Uniform && (r.By == method.ByColumn || r.Grain != method.Token) {
			return refuse("training beside router %d, which decides for more than a token at a time (Router.Grain %s, By %s)", i, r.Grain, r.By)
		}
	}
	return nil
}
