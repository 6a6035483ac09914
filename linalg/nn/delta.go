package nn

import (
	"fmt"
	"maps"
	"slices"
)

// WithDelta is the model with dense deltas (module name to Out×In numbers) added to its
// weights: each sum is formed in float64 and rounded once, so float32 deltas lose
// nothing on the way. Weights that no delta touches are shared with m, which stays as it
// was; the others are float32, and so are products by them, since 16 bits would lose most of
// a small delta.
func WithDelta[F float32 | float64](m *Model, deltas map[string][]F) (*Model, error) {
	out := *m
	out.maps = slices.Clone(m.maps)
	for _, name := range slices.Sorted(maps.Keys(deltas)) {
		delta := deltas[name]
		x, err := m.locate(name)
		if err != nil {
			return nil, err
		}
		if len(delta) != x.Out*x.In {
			return nil, fmt.Errorf("delta of module %q has %d numbers; its weight has %d×%d = %d", name, len(delta), x.Out, x.In, x.Out*x.In)
		}
		if x.linear == nil {
			if err := out.moveTable(name, x, func(id, i int) float64 { return float64(delta[i*x.In+id]) }); err != nil {
				return nil, err
			}
			continue
		}
		l := x.linear
		w := out.maps[l.id].forward.Unpack() // Out×In
		rows := w.Data[x.at*l.in : (x.at+x.Out)*l.in]
		for i, old := range rows {
			rows[i] = float32(float64(old) + float64(delta[i]))
		}
		out.maps[l.id] = pack(w, false)
	}
	return &out, nil
}

// moveTable adds to the table of embeddings, which then is a copy.
func (m *Model) moveTable(name string, x Module, delta func(id, i int) float64) error {
	t := m.embed
	if t.tied != nil {
		return fmt.Errorf("delta of module %q: its table is the weight of the head too, which the delta does not mean; untie them first", name)
	}
	own := slices.Clone(m.data[t.vector])
	for id := range t.rows {
		for i := range t.width {
			own[id*t.width+i] = float32(float64(own[id*t.width+i]) + delta(id, i))
		}
	}
	m.data = slices.Clone(m.data)
	m.data[t.vector] = own
	return nil
}
