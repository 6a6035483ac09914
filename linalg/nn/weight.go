package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
)

// WeightIn is a module's weight, out×in, in tensors such as [Model.Tensors] gives: for those
// who want some weights of a model and not the model. The embedding is out of reach.
func (c Config) WeightIn(t linalg.Tensors, module string) (linalg.Dense, error) {
	m, err := partsOf(c).locate(module)
	if err != nil {
		return linalg.Dense{}, err
	}
	name := m.HF + ".weight"
	w, ok := t.Get(name)
	if !ok || m.linear == nil {
		return linalg.Dense{}, fmt.Errorf("module %q: no tensor %q holds its weight", module, name)
	}
	if len(w.Shape) != 2 || len(w.Data) != w.Shape[0]*w.Shape[1] {
		return linalg.Dense{}, fmt.Errorf("module %q: tensor %s has shape %v; expected a matrix", module, name, w.Shape)
	}
	layer := linalg.Widen(w.Shape[0], w.Shape[1], w.Data)
	if m.Conv {
		layer = layer.T()
	}
	if layer.Cols != m.In || layer.Rows < m.First+m.Out {
		return linalg.Dense{}, fmt.Errorf("module %q is rows %d … %d of %d columns; tensor %s is %d×%d", module, m.First, m.First+m.Out-1, m.In, name, layer.Rows, layer.Cols)
	}
	return linalg.Dense{Rows: m.Out, Cols: m.In, Data: layer.Data[m.First*m.In : (m.First+m.Out)*m.In]}, nil
}
