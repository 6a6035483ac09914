package plan

import (
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/scenario"
)

// MaxTrials bounds a plan: beyond it a slip of the pen is likelier than a plan.
const MaxTrials = 100_000

// Trial is one scenario with every choice made.
type Trial struct {
	Index    int                // in the plan, from 0
	Name     string             // "fedit rank=8 seed=1": unique in the plan
	Arm      string             // "fedit rank=8": Name without the seed; trials of an arm are repetitions
	Settings []scenario.Setting // what `vary` chose, in its order
	Seed     uint64
	Scenario *scenario.Scenario
	Document *scenario.Document // where each word of Scenario stands
	Params   []method.Values    // of each member of the chain, after [CheckMethods]
	Hash     string             // SHA-256 of Scenario.Resolved, in hex
}

// Expand makes the trials of a document. Without `vary` there is one. Equal trials, and
// arms that tables could not tell apart, are problems.
func Expand(doc *scenario.Document) ([]Trial, []scenario.Problem) {
	axes := doc.Axes()
	n := 1
	for _, a := range axes {
		if n *= len(a.Items); n > MaxTrials {
			p := doc.Problem("", "%s: at most %d trials were expected, the product has more; shorten a list, or put paths that go together under zip", a.Paths[0], MaxTrials)
			p.File, p.Line, p.Column, p.Path = a.Pos.File, a.Pos.Line, a.Pos.Column, "vary"
			return nil, []scenario.Problem{p}
		}
	}
	trials := make([]Trial, 0, n)
	var problems []scenario.Problem
	for i := range n {
		items := pick(axes, i)
		laid, ps := doc.With(items...)
		if len(ps) > 0 {
			problems = append(problems, ps...)
			continue
		}
		s, ps := laid.Scenario()
		if len(ps) > 0 {
			problems = append(problems, ps...)
			continue
		}
		t := Trial{Index: i, Seed: s.Seed, Scenario: s, Document: laid}
		for _, item := range items {
			t.Settings = append(t.Settings, item...)
		}
		t.Arm = armName(t.Settings, s)
		t.Name = fmt.Sprintf("%s seed=%d", t.Arm, t.Seed)
		t.Hash = hashOf(s)
		trials = append(trials, t)
	}
	if len(problems) == 0 {
		problems = twins(trials)
	}
	if len(problems) > 0 {
		return nil, scenario.SortProblems(problems)
	}
	return trials, nil
}

// pick is the i-th choice of items: a number whose last digit is the last axis.
func pick(axes []scenario.Axis, i int) []scenario.Item {
	items := make([]scenario.Item, len(axes))
	for k := len(axes) - 1; k >= 0; k-- {
		n := len(axes[k].Items)
		items[k] = axes[k].Items[i%n]
		i /= n
	}
	return items
}

// armName joins the labels of all settings but the seed's; where none says anything, it
// is the chain of methods.
func armName(settings []scenario.Setting, s *scenario.Scenario) string {
	var parts []string
	for _, st := range settings {
		if st.Path != "seed" && st.Label != "" {
			parts = append(parts, st.Label)
		}
	}
	if len(parts) == 0 {
		for _, m := range s.Method {
			parts = append(parts, m.Use)
		}
		return strings.Join(parts, " + ")
	}
	return strings.Join(parts, " ")
}

// twins accuses trials that are the same scenario, or that have the same name without
// being it. The later of the two is accused, at the first setting in which it stands.
func twins(trials []Trial) (problems []scenario.Problem) {
	byHash, byName := map[string]int{}, map[string]int{}
	for i, t := range trials {
		if j, ok := byHash[t.Hash]; ok {
			problems = append(problems, t.accuse("trials %d %q and %d %q are the same scenario; leave one out of vary", j, trials[j].Name, i, t.Name))
		} else if j, ok := byName[t.Name]; ok {
			problems = append(problems, t.accuse("trials %d and %d are both called %q; give an item of vary a label, as in {use: fedit, label: our rival}", j, i, t.Name))
		}
		byHash[t.Hash], byName[t.Name] = i, i
	}
	return problems
}

// accuse says something of a trial as a whole, at the place of its first setting.
func (t Trial) accuse(format string, args ...any) scenario.Problem {
	p := t.Document.Problem("", format, args...)
	p.Path = "vary"
	if len(t.Settings) > 0 {
		at := t.Settings[0].Pos()
		p.File, p.Line, p.Column = at.File, at.Line, at.Column
	}
	return p
}
