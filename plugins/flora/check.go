package flora

import (
	"context"
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/plugins/method"
)

// checked is embedded by all: they refuse the same scenarios, and some refuse a server's
// optimiser and control variates, each for its own reason.
type checked struct {
	noServer string // why not; "" where the algebra allows both, and [scaffold] carries the second out
}

// Reasons that several methods have in common.
const (
	begunAfresh = "adapters begin afresh every round, so there is no shared adapter that a server could take a step with or clients could drift from"
	turnedBySVD = "the factors are made anew by an SVD every round, which turns them, so that no memory of their changes carries over"
)

// Check refuses modules that no base has, a rank above the width of the base, options that
// the method's algebra does not allow, and a chain in which nobody says when to stop: no
// method of the package is ever finished by itself.
func (c checked) Check(_ context.Context, s method.Scene) ([]method.Problem, error) {
	var found []method.Problem
	if s.Stage.Rounds == 0 {
		found = append(found, method.Problem{Path: "rounds", Text: "a number of rounds was expected, as in `rounds: 10`: this method goes on until it is stopped"})
	}
	if rule := s.Params.Text("server"); c.noServer != "" && rule != string(server.FedAvg) {
		found = append(found, method.Problem{Path: "params.server", Text: fmt.Sprintf("%s is not for this method: %s; leave `server` out", rule, c.noServer)})
	}
	if c.noServer != "" && controlled(s.Params) {
		found = append(found, method.Problem{Path: "params.control", Text: fmt.Sprintf("%s is not for this method: %s; leave `control` out", byScaffold, c.noServer)})
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
	for _, pattern := range method.Patterns(modules) {
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

// checkSquare refuses modules that are not.
func checkSquare(s method.Scene) (found []method.Problem) {
	patterns := method.Patterns(s.Params.Text("modules"))
	for _, base := range s.Bases {
		if base.Name != s.Start.Base {
			continue
		}
		for _, m := range base.Modules {
			// A pattern that cannot be read has been named already.
			if takes, err := matches(patterns, m.Name); err == nil && takes && m.Out != m.In {
				found = append(found, method.Problem{Path: "params.modules", Text: fmt.Sprintf("module %s of base %q is %d×%d, and this control adds a transpose to it: expected square modules alone, as in `modules: q`", m.Name, base.Name, m.Out, m.In)})
				break
			}
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
