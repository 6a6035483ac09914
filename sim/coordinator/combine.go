package coordinator

import (
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
)

// Combine joins values of one name and group by weight, in the order in which each name
// and group first appears. What the metric catalogue knows is joined by its own rule, the
// rest by the weighted mean; sums run in float64, in order.
func Combine(vs []method.Value) []method.Value {
	var out []method.Value
	all := map[[2]string][]metric.Weighted{}
	for _, v := range vs {
		key := [2]string{v.Name, v.Group}
		if all[key] == nil {
			out = append(out, method.Value{Name: v.Name, Group: v.Group})
		}
		all[key] = append(all[key], metric.Weighted{Value: v.Value, Weight: v.Weight})
	}
	for i, v := range out {
		m, err := metric.Lookup(v.Name)
		if err != nil {
			m = metric.Metric{Name: v.Name} // a method's own measurement
		}
		mean := m.Mean(all[[2]string{v.Name, v.Group}])
		out[i].Value, out[i].Weight = mean.Value, mean.Weight
	}
	return out
}
