package routing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/method"
)

// check says what of a scenario no method of the package can work with.
func check(s method.Scene, rounds int) (found []method.Problem) {
	if s.Stage.Rounds > 0 && s.Stage.Rounds < rounds {
		found = append(found, method.Problem{Path: "rounds", Text: fmt.Sprintf("a stage is given %d rounds, and a task takes %d with these parameters: leave `rounds` out, and the method says when a task is learned", s.Stage.Rounds, rounds)})
	}
	i := slices.IndexFunc(s.Bases, func(b method.Base) bool { return b.Name == s.Start.Base })
	if i < 0 {
		return found
	}
	for _, p := range method.Patterns(s.Params.Text("modules")) {
		hit := false
		for _, m := range s.Bases[i].Modules {
			ok, err := linalg.Match(p, m.Name)
			if err != nil {
				return append(found, method.Problem{Path: "params.modules", Text: err.Error()})
			}
			hit = hit || ok
		}
		if !hit {
			var names []string
			for _, m := range s.Bases[i].Modules {
				if word, ok := strings.CutPrefix(m.Name, "0."); ok {
					names = append(names, word)
				}
			}
			found = append(found, method.Problem{Path: "params.modules", Text: fmt.Sprintf("%q matches no module of base %q; a block has %s", p, s.Start.Base, strings.Join(names, ", "))})
		}
	}
	return found
}
