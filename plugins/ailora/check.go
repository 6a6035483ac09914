package ailora

import (
	"context"
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// Check refuses modules that the base does not have, a rank above its width, and a chain in
// which nobody says when to stop.
func (t trained) Check(_ context.Context, s method.Scene) ([]method.Problem, error) {
	found := checkModules(s)
	if s.Stage.Rounds == 0 {
		found = append(found, method.Problem{Path: "rounds", Text: "a number of rounds was expected, as in `rounds: 5`: this method goes on until it is stopped"})
	}
	return found, nil
}

// Check refuses modules that the base does not have, and a rank above its width.
func (m measured) Check(_ context.Context, s method.Scene) ([]method.Problem, error) {
	found := checkModules(s)
	if s.Params.Int("rank") == 0 {
		found = append(found, method.Problem{Path: "params.rank", Text: "a rank of at least 1 was expected: what is left to others has one"})
	}
	return found, nil
}

func checkModules(s method.Scene) (found []method.Problem) {
	for _, base := range s.Bases {
		if base.Name != s.Start.Base {
			continue
		}
		if rank := s.Params.Int("rank"); rank > base.Width {
			found = append(found, method.Problem{Path: "params.rank",
				Text: fmt.Sprintf("rank %d is above the width of base %q, which is %d: expected at most that", rank, base.Name, base.Width)})
		}
		for _, pattern := range method.Patterns(s.Params.Text("modules")) {
			if hit, err := anyOf(base, pattern); err != nil {
				found = append(found, method.Problem{Path: "params.modules", Text: err.Error()})
			} else if !hit {
				found = append(found, method.Problem{Path: "params.modules",
					Text: fmt.Sprintf("%q names no module of base %q: expected some of %s", pattern, base.Name, strings.Join(kinds(base), ", "))})
			}
		}
	}
	return found
}

func anyOf(base method.Base, pattern string) (bool, error) {
	for _, m := range base.Modules {
		if ok, err := matches([]string{pattern}, m.Name); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// kinds are the names of modules within a block, each once, in order.
func kinds(base method.Base) (out []string) {
	seen := map[string]bool{}
	for _, m := range base.Modules {
		if _, name, ok := strings.Cut(m.Name, "."); ok && !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}
