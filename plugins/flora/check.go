package flora

import (
	"context"
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/method"
)

// checked is embedded by the four: they refuse the same scenarios.
type checked struct{}

// Check refuses modules that no base has, a rank above the width of the base, and a chain
// in which nobody says when to stop: none of the four is ever finished by itself.
func (checked) Check(_ context.Context, s method.Scene) ([]method.Problem, error) {
	var found []method.Problem
	if s.Stage.Rounds == 0 {
		found = append(found, method.Problem{Path: "rounds", Text: "a number of rounds was expected, as in `rounds: 10`: this method goes on until it is stopped"})
	}
	for _, base := range s.Bases {
		if base.Name != s.Start.Base {
			continue
		}
		found = append(found, checkModules(base, s.Params.Text("modules"))...)
		// Only some of the cards have the parameter.
		if rank, ok := s.Params["rank"].(int); ok && rank > base.Width {
			found = append(found, method.Problem{Path: "params.rank",
				Text: fmt.Sprintf("rank %d is above the width of base %q, which is %d: expected at most that", rank, base.Name, base.Width)})
		}
	}
	return found, nil
}

func checkModules(base method.Base, modules string) []method.Problem {
	var found []method.Problem
	for _, pattern := range patterns(modules) {
		matches := false
		for _, m := range base.Modules {
			ok, err := linalg.Match(pattern, m.Name)
			if err != nil {
				return append(found, method.Problem{Path: "params.modules", Text: err.Error()})
			}
			matches = matches || ok
		}
		if !matches {
			found = append(found, method.Problem{Path: "params.modules",
				Text: fmt.Sprintf("%q names no module of base %q: expected some of %s", pattern, base.Name, strings.Join(kinds(base), ", "))})
		}
	}
	return found
}

// kinds are the names of modules within a block, each once, in order.
func kinds(base method.Base) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range base.Modules {
		_, name, _ := strings.Cut(m.Name, ".")
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}
