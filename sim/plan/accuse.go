package plan

import (
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/scenario"
)

// CheckRanks accuses ranks that are more than the base can use: most is the largest rank
// that any of its adapted maps has, min(out, in). Ranks of 0 never come so far.
func CheckRanks(t Trial, most int) (problems []scenario.Problem) {
	for _, pool := range t.Scenario.Population {
		at := "population." + pool.Name + ".rank"
		for _, s := range pool.Ranks {
			if s.Rank > most {
				problems = append(problems, t.Document.Problem(fmt.Sprintf("%s.%d", at, s.Rank),
					"a rank of at most %d was expected, which is as much as the base's maps have, found %d", most, s.Rank))
			}
		}
	}
	return problems
}

// MethodProblem gives what the k-th method of the chain says of a scenario its place.
// "params.rank" is a parameter, "rounds" a word of the method's own entry; other paths are
// the scenario's.
func (t Trial) MethodProblem(k int, p method.Problem) scenario.Problem {
	path := p.Path
	if name, ok := strings.CutPrefix(path, "params."); ok {
		path = fmt.Sprintf("method.%d.with.%s", k, name)
	}
	if path == "rounds" {
		path = fmt.Sprintf("method.%d.rounds", k)
	}
	return t.Document.Problem(path, "%s", p.Text)
}
