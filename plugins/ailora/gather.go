package ailora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/method"
)

// means are statistics over all that reported: name of the statistic, then of the module.
type means map[string]*mean

// mean is one statistic; counts are what it was measured on (tokens, labels, examples).
type mean struct {
	count   float64
	modules map[string]linalg.Dense
}

// gather adds up what participants measured, each by its count, so that the means are those
// of all their data together.
func gather(r method.FoldRequest) (means, error) {
	all := means{}
	for rep, err := range r.Reports.All() {
		if err != nil {
			return nil, err
		}
		for _, made := range rep.Made {
			x, err := r.Blobs.Open(made.Blob)
			if err != nil {
				return nil, err
			}
			if all[made.Name] == nil {
				all[made.Name] = &mean{modules: map[string]linalg.Dense{}}
			}
			if err := all[made.Name].add(x); err != nil {
				return nil, fmt.Errorf("ailora: %q of %s: %w", made.Name, rep.From, err)
			}
		}
	}
	for name, m := range all {
		if !(m.count > 0) {
			return nil, fmt.Errorf("ailora: %d participants measured %q on nothing at all", r.Reports.Len(), name)
		}
		for module, x := range m.modules {
			m.modules[module] = x.Scaled(1 / m.count)
		}
	}
	return all, nil
}

func (m *mean) add(x method.Tensors) error {
	count, ok := x.Get("count")
	if !ok || len(count.Data) != 1 {
		return fmt.Errorf("a statistic of one row with its count was expected")
	}
	m.count += float64(count.Data[0])
	for _, t := range x.List {
		if t.Name == "count" {
			continue
		}
		rows, cols := 1, len(t.Data)
		if len(t.Shape) == 2 {
			rows, cols = t.Shape[0], t.Shape[1]
		}
		sum, ok := m.modules[t.Name]
		if !ok {
			sum = linalg.NewDense(rows, cols)
			m.modules[t.Name] = sum
		}
		if sum.Rows != rows || sum.Cols != cols {
			return fmt.Errorf("module %s is %d×%d here and %d×%d in the reports before", t.Name, rows, cols, sum.Rows, sum.Cols)
		}
		sum.Add(float64(count.Data[0]), linalg.Widen(rows, cols, t.Data))
	}
	return nil
}

// of is the mean of a statistic in a module.
func (a means) of(statistic, module string) (linalg.Dense, error) {
	if m := a[statistic]; m != nil {
		if x, ok := m.modules[module]; ok {
			return x, nil
		}
	}
	return linalg.Dense{}, fmt.Errorf("ailora: nobody reported %q of module %s", statistic, module)
}
