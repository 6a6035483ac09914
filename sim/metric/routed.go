package metric

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// Names of the metrics of routers.
const (
	RouteAccuracy  = "route.accuracy"
	RouteSequence  = "route.accuracy.sequence"
	RouteMass      = "route.mass"
	RouteConfusion = "route.confusion"
)

// Routed is what routers did with one example, held against the expert of its task; but for
// First, nothing where the task has none yet.
type Routed struct {
	Task           string
	First          []Cell
	Decisions      int     // tokens times modules
	Right          int     // of them those whose largest weight the right expert had
	Mass           float64 // Σ weight of the right expert
	Sequences      int     // routers
	SequencesRight int     // of them those whose scores, summed over all, are largest for it
}

// Cell is how many decisions gave an expert the largest weight; "" is nobody: the null expert,
// or none at all.
type Cell struct {
	Expert    string
	Decisions int
}

// ofRouters says how well routers find the expert of an example's task.
var ofRouters = []Metric{
	{RouteAccuracy, "decisions whose largest weight the task's own expert has / decisions, one a token and adapted module", "1", Higher, onSet, "decisions", true, "",
		"Share of tokens that go to the expert of their task first; 0 of examples whose task has no expert yet, which do not count. A near-duplicate of a task costs accuracy here and no score."},
	{RouteSequence, "examples whose scores, summed over tokens and modules, are largest for the task's own expert / examples", "1", Higher, onSet, "examples", true, "",
		"What one decision for the whole example would have found."},
	{RouteMass, "Σ weight of the task's own expert / decisions", "1", Higher, onSet, "decisions", true, "",
		"Weight that the right expert has, in whatever place; experts were trained at weight 1."},
	{RouteConfusion, "decisions whose largest weight another than the task's own expert has / decisions", "1", Lower, onSet, "decisions", true, "",
		"1 − route.accuracy over all; with it come the shares of every task's decisions that went to every expert, which the report shows as a table. No expert is nobody."},
}

// routes adds up what routers did.
type routes struct {
	decisions, right          int64
	mass                      float64
	sequences, sequencesRight int64
	first                     map[[2]string]int64 // by task and expert
}

// AddRouted takes in what routers did with an example.
func (s *Sum) AddRouted(r Routed) {
	s.routes.decisions += int64(r.Decisions)
	s.routes.right += int64(r.Right)
	s.routes.mass += r.Mass
	s.routes.sequences += int64(r.Sequences)
	s.routes.sequencesRight += int64(r.SequencesRight)
	for _, c := range r.First {
		s.routes.confuse([2]string{r.Task, c.Expert}, int64(c.Decisions))
	}
}

func (r *routes) confuse(at [2]string, decisions int64) {
	if r.first == nil {
		r.first = map[[2]string]int64{}
	}
	r.first[at] += decisions
}

func (r *routes) join(o routes) {
	r.decisions += o.decisions
	r.right += o.right
	r.mass += o.mass
	r.sequences += o.sequences
	r.sequencesRight += o.sequencesRight
	for at, n := range o.first {
		r.confuse(at, n)
	}
}

// Confusion is the share of each task's decisions that went to each expert first, by the group
// "task=a,expert=b".
func (s *Sum) Confusion() (out []method.Value) {
	of := map[string]int64{}
	for at, n := range s.routes.first {
		of[at[0]] += n
	}
	order := func(a, b [2]string) int { return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1])) }
	for _, at := range slices.SortedFunc(maps.Keys(s.routes.first), order) {
		if of[at[0]] > 0 {
			out = append(out, method.Value{Name: RouteConfusion, Group: "task=" + at[0] + ",expert=" + at[1], Value: float64(s.routes.first[at]) / float64(of[at[0]]), Weight: float64(of[at[0]])})
		}
	}
	return out
}

// value is a metric of routers; is says whether the name is one.
func (r *routes) value(name string) (value, weight float64, is bool) {
	decisions, sequences := float64(r.decisions), float64(r.sequences)
	switch name {
	case RouteAccuracy:
		value, weight = float64(r.right), decisions
	case RouteConfusion:
		value, weight = float64(r.decisions-r.right), decisions
	case RouteMass:
		value, weight = r.mass, decisions
	case RouteSequence:
		value, weight = float64(r.sequencesRight), sequences
	default:
		return 0, 0, false
	}
	if weight == 0 {
		return 0, 0, true
	}
	return value / weight, weight, true
}

// Routes says whether one of the metrics is of routers.
func Routes(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return n == RouteAccuracy || n == RouteSequence || n == RouteMass || n == RouteConfusion
	})
}

// OfRouters says whether a metric asks how routers found the expert of an example's task.
func OfRouters(name string) bool { return strings.HasPrefix(name, "route.") }
