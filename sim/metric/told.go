package metric

import (
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// Names of the metrics that answer examples a second time, with the expert of their task told.
const (
	RouteOracle      = "route.oracle"
	RouteOracleClass = "route.oracle.class"
	RouteGap         = "route.gap"
	RouteGapClass    = "route.gap.class"
)

// ofTold says what finding the expert costs in score. Experts are frozen, so what of a task is
// forgotten although its expert is told, is the experts'; the rest is the router's.
var ofTold = []Metric{
	{RouteOracle, "labels that are the first choice of the task's own expert, alone and at weight 1 / labels", "1", Higher, onSet, "labels", true, "",
		"Accuracy with the expert told: the upper bound of routing. Where a task has no expert yet none acts. Its forgetting is that of experts, forgetting.expert."},
	{RouteGap, "route.oracle − accuracy", "1", Lower, onSet, "labels", true, "",
		"What finding the expert costs in accuracy; below 0 where experts help each other."},
	{RouteOracleClass, "examples whose likeliest class of those seen so far, by the task's own expert, is theirs / examples", "1", Higher, onSet, "examples", true, "",
		"class-accuracy with the expert told."},
	{RouteGapClass, "route.oracle.class − class-accuracy", "1", Lower, onSet, "examples", true, "",
		"What finding the expert costs in class-accuracy."},
}

// toldOf is the metric that is measured once more with the expert told, by the metric that
// needs it.
var toldOf = map[string]string{RouteOracle: Accuracy, RouteGap: Accuracy, RouteOracleClass: ClassRight, RouteGapClass: ClassRight}

// OracleOf is the metric that is a score with the expert told, "" where there is none.
func OracleOf(name string) string {
	return map[string]string{Accuracy: RouteOracle, ClassRight: RouteOracleClass}[name]
}

// Untold parts metrics: those that a model is asked as it is, with what gaps are taken from,
// and those that it is asked with the expert told; none where no metric needs that.
func Untold(names []string) (plain, told []string) {
	add := func(list *[]string, name string) {
		if !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, n := range names {
		of, is := toldOf[n]
		if !is {
			add(&plain, n)
			continue
		}
		add(&told, of)
		if n == RouteGap || n == RouteGapClass {
			add(&plain, of)
		}
	}
	return plain, told
}

// Told makes the metrics asked for of the values that a model gave as it is and with the
// expert told; what was measured for a gap's sake alone is left out.
func Told(names []string, plain, told []method.Value) (out []method.Value) {
	for _, v := range plain {
		if slices.Contains(names, v.Name) || v.Name != Accuracy && v.Name != ClassRight {
			out = append(out, v)
		}
	}
	for _, n := range names {
		of, is := toldOf[n]
		for _, v := range told {
			if !is || v.Name != of {
				continue
			}
			if v.Weight > 0 && (n == RouteGap || n == RouteGapClass) {
				i := slices.IndexFunc(plain, func(p method.Value) bool { return p.Name == of && p.Group == v.Group })
				v.Value -= plain[i].Value
			}
			v.Name = n
			out = append(out, v)
		}
	}
	return out
}
