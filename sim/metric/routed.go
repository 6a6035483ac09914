package metric

// Names of the metrics of routers.
const (
	RouteAccuracy = "route.accuracy"
	RouteSequence = "route.accuracy.sequence"
	RouteMass     = "route.mass"
)

// Routed is what routers did with one example, held against the expert of its task.
type Routed struct {
	Decisions      int     // tokens times modules
	Right          int     // of them those whose largest weight the right expert had
	Mass           float64 // Σ weight of the right expert
	Sequences      int     // routers
	SequencesRight int     // of them those whose scores, summed over all, are largest for it
}

// ofRouters says how well routers find the expert of an example's task.
var ofRouters = []Metric{
	{RouteAccuracy, "decisions whose largest weight the task's own expert has / decisions, one a token and adapted module", "1", Higher, onSet, "decisions", true, "",
		"Share of tokens that go to the expert of their task first; 0 of examples whose task has no expert yet, which do not count. A near-duplicate of a task costs accuracy here and no score."},
	{RouteSequence, "examples whose scores, summed over tokens and modules, are largest for the task's own expert / examples", "1", Higher, onSet, "examples", true, "",
		"What one decision for the whole example would have found."},
	{RouteMass, "Σ weight of the task's own expert / decisions", "1", Higher, onSet, "decisions", true, "",
		"Weight that the right expert has, in whatever place; experts were trained at weight 1."},
}

// routes adds up what routers did.
type routes struct {
	decisions, right          int64
	mass                      float64
	sequences, sequencesRight int64
}

// AddRouted takes in what routers did with an example.
func (s *Sum) AddRouted(r Routed) {
	s.routes.decisions += int64(r.Decisions)
	s.routes.right += int64(r.Right)
	s.routes.mass += r.Mass
	s.routes.sequences += int64(r.Sequences)
	s.routes.sequencesRight += int64(r.SequencesRight)
}

func (r *routes) join(o routes) {
	r.decisions += o.decisions
	r.right += o.right
	r.mass += o.mass
	r.sequences += o.sequences
	r.sequencesRight += o.sequencesRight
}

// value is a metric of routers; is says whether the name is one.
func (r *routes) value(name string) (value, weight float64, is bool) {
	decisions, sequences := float64(r.decisions), float64(r.sequences)
	switch name {
	case RouteAccuracy:
		value, weight = float64(r.right), decisions
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
	for _, n := range names {
		if n == RouteAccuracy || n == RouteSequence || n == RouteMass {
			return true
		}
	}
	return false
}
