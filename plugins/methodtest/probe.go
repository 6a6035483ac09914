package methodtest

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// probe makes statistics of the shape that measuring gives them, of random inputs: second
// moments have no negative eigenvalue, and counts are those of the participant.
func (t *trial) probe(r *method.Report, p method.Participant, a method.Assignment, probe method.Probe, key rng.Key) error {
	seen := map[string]int{}
	for _, s := range probe.What {
		name := method.Name(s)
		if seen[name]++; seen[name] > 1 {
			name += "." + strconv.Itoa(seen[name])
		}
		rows := t.rowsOf(p, probe.By)
		out := method.Tensors{Meta: map[string]string{"kind": "statistic", "statistic": name}}
		list, err := t.statistic(s, probe.Model, key.At(name))
		if err != nil {
			return err
		}
		for _, x := range list {
			if len(probe.By) > 0 {
				x.Shape = slices.Concat([]int{rows}, x.Shape)
				x.Data = slices.Repeat(x.Data, rows)
			}
			out.List = append(out.List, x)
		}
		count := method.Tensor{Name: "count", Shape: []int{rows}, Data: slices.Repeat([]float32{float32(p.Examples)}, rows)}
		out.List = append(out.List, count)
		if err := t.hand(r, p, a, name, out, true); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf is how many rows a statistic has: two groups, or an example each.
func (t *trial) rowsOf(p method.Participant, by []string) int {
	switch {
	case len(by) == 0:
		return 1
	case slices.Contains(by, "example"):
		return p.Examples
	}
	return 2
}

// statistic is one row.
func (t *trial) statistic(s method.Statistic, on method.Model, key rng.Key) (list []method.Tensor, err error) {
	switch s := s.(type) {
	case method.Feature:
		return []method.Tensor{{Name: "feature", Shape: []int{width}, Data: normal(key, width)}}, nil
	case method.Input:
		modules, err := t.modules(s.Modules)
		for _, m := range modules {
			x := linalg.Widen(4*m.In, m.In, normal(key.At(m.Name), 4*m.In*m.In))
			if s.Second {
				list = append(list, method.Tensor{Name: m.Name, Shape: []int{m.In, m.In}, Data: linalg.Mul(x.T(), x).Scaled(1 / float64(x.Rows)).Narrow()})
			} else {
				list = append(list, method.Tensor{Name: m.Name, Shape: []int{m.In}, Data: normal(key.At(m.Name), m.In)})
			}
		}
		return list, err
	case method.Gradient:
		modules, err := t.modules(s.Modules)
		for _, m := range modules {
			list = append(list, method.Tensor{Name: m.Name, Shape: []int{m.Out, m.In}, Data: normal(key.At(m.Name), m.Out*m.In)})
		}
		return list, err
	case method.Fisher:
		i := slices.IndexFunc(on.Attach, func(a method.Attach) bool { return a.Name == s.Of })
		if i < 0 {
			return nil, fmt.Errorf("the Fisher of %q is asked for, and nothing is attached under that name", s.Of)
		}
		tensors, err := t.store.Open(on.Attach[i].From.Blob)
		if err != nil {
			return nil, err
		}
		adapter, err := lora.Parse(tensors)
		for _, x := range adapter {
			for factor, n := range map[string]int{"A": len(x.A), "B": len(x.B)} {
				data := normal(key.At(x.Module, factor), n)
				for k := range data {
					data[k] *= data[k]
				}
				list = append(list, method.Tensor{Name: x.Module + "." + factor, Shape: []int{n}, Data: data})
			}
		}
		slices.SortFunc(list, func(a, b method.Tensor) int {
			if a.Name < b.Name {
				return -1
			}
			return 1
		})
		return list, err
	}
	return nil, fmt.Errorf("the exam cannot measure %s yet", method.Name(s))
}

// modules are those of the base that any pattern names.
func (t *trial) modules(patterns []string) (list []method.Module, err error) {
	for _, m := range t.base.Modules {
		for _, pattern := range patterns {
			ok, err := linalg.Match(pattern, m.Name)
			if err != nil {
				return nil, err
			}
			if ok {
				list = append(list, m)
				break
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the patterns %q match none of the base's modules", patterns)
	}
	return list, nil
}
