package nn

import (
	"fmt"
	"maps"
	"slices"
)

// WithDelta is the model with dense deltas (module name to Out×In numbers) added to its
// weights: each sum is formed in float64 and rounded once, so float32 deltas lose
// nothing on the way. Weights that no delta touches are shared with m, which stays as it
// was.
func WithDelta[F float32 | float64](m *Model, deltas map[string][]F) (*Model, error) {
	out := &Model{config: m.config, weights: slices.Clone(m.weights)}
	for _, name := range slices.Sorted(maps.Keys(deltas)) {
		delta := deltas[name]
		l, k, err := m.config.locate(name)
		if err != nil {
			return nil, err
		}
		old := m.weights.module(l, k)
		if len(delta) != len(old) {
			rows, cols := m.config.sides(k)
			return nil, fmt.Errorf("delta of module %q has %d numbers; its weight has %d×%d = %d", name, len(delta), rows, cols, len(old))
		}
		sum := make([]float32, len(old))
		for i, w := range old {
			sum[i] = float32(float64(w) + float64(delta[i]))
		}
		out.weights[1+l*perBlock+int(k)] = sum
	}
	return out, nil
}
