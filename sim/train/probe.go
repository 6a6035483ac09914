package train

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/world"
)

// byExample is the word of [method.Probe].By that makes a row of each example.
const byExample = world.ByExample

// probe measures a model from inside. Each statistic becomes one blob under the name that
// [method.StatisticNames] gives it. Its tensors hold a row for each group of examples, in order of
// the groups' names, or of the examples; "count" holds how many things each row is a mean
// over, so that means over participants are exact. Without By there is one row, and the
// tensors lack the dimension of rows. The names of groups are the blob's meta "rows", a line
// each.
//
// Every statistic is a pass of its own over the data, in the order of the data. A pass sees
// one row's examples at a time, so that no statistic has to tell them apart.
func (t *Trainer) probe(j job, p method.Probe) (method.Report, error) {
	rows, err := t.rows(j, p.Data)
	if err != nil {
		return method.Report{}, err
	}
	if !slices.Contains(p.By, byExample) {
		if err := t.mayGroup(j, p.By, rows); err != nil {
			return method.Report{}, err
		}
	}
	groups := grouped(rows, p.By)
	rep := method.Report{Examples: len(rows)}
	for i, name := range method.StatisticNames(p.What) {
		uploads := len(j.assign.Upload) == 0 || slices.Contains(j.assign.Upload, name)
		keeps := slices.Contains(j.assign.Keep, name)
		if !uploads && !keeps {
			continue
		}
		table, err := t.measure(j, p, i, groups, &rep)
		if err != nil {
			return method.Report{}, fmt.Errorf("statistic %q: %w", name, err)
		}
		b, err := t.blobs.Put(table.tensors(name, len(p.By) > 0))
		if err != nil {
			return method.Report{}, err
		}
		if uploads {
			rep.Made = append(rep.Made, method.Named{Name: name, Blob: b})
		}
		if keeps {
			*j.keeps = append(*j.keeps, method.Named{Name: name, Blob: b})
		}
	}
	return rep, nil
}

// gauge measures one statistic, row after row.
type gauge interface {
	// calls says how many examples one batch may hold.
	calls() int
	// take measures some sequences of the present row.
	take(nn.Batch) error
	// row ends the present row: its tensors, and how many things they are means over.
	row() (tensors []linalg.Tensor, count float64)
}

// measure makes the table of the i-th statistic.
func (t *Trainer) measure(j job, p method.Probe, i int, groups []group, rep *method.Report) (*table, error) {
	b, g, err := t.gauge(j, p.Model, p.What[i])
	if err != nil {
		return nil, err
	}
	out := &table{}
	done := i * rep.Examples
	for _, x := range groups {
		for lo := 0; lo < len(x.rows); lo += g.calls() {
			if err := j.step(Step{Done: done, Of: len(p.What) * rep.Examples}); err != nil {
				return nil, err
			}
			part := x.rows[lo:min(lo+g.calls(), len(x.rows))]
			batch, cut, err := t.encode(b, part, false)
			if err != nil {
				return nil, err
			}
			if cut != "" && len(rep.Warnings) == 0 {
				rep.Warnings = []string{cut}
			}
			if err := t.stands[0].tell(t, j, part, &batch); err != nil {
				return nil, err
			}
			if err := g.take(batch); err != nil {
				return nil, err
			}
			done += len(part)
		}
		tensors, count := g.row()
		out.add(x.name, tensors, count)
	}
	return out, nil
}

// gauge readies the model, and what measures a statistic of it.
func (t *Trainer) gauge(j job, m method.Model, s method.Statistic) (*base.Base, gauge, error) {
	if f, ok := s.(method.Fisher); ok {
		return t.fisherOf(j, m, f)
	}
	b, run, err := t.raise(j, m)
	if err != nil {
		return nil, nil, err
	}
	var g gauge
	switch s := s.(type) {
	case method.Feature:
		g, err = featureOf(run, s)
	case method.Input:
		g, err = inputOf(run, s)
	case method.Gradient:
		g, err = gradientOf(run, s)
	case method.Routing:
		g, err = routingOf(run, t.stands[0])
	default:
		panic(fmt.Sprintf("train: Carries let %T through", s))
	}
	return b, g, err
}

// group is the examples of one row.
type group struct {
	name string
	rows []world.Row
}

// grouped deals rows into groups by columns, in order of the groups' names.
func grouped(rows []world.Row, by []string) []group {
	switch {
	case len(by) == 0:
		return []group{{"all", rows}}
	case slices.Contains(by, byExample):
		each := make([]group, len(rows))
		for i := range rows {
			each[i] = group{byExample + "=" + strconv.Itoa(i), rows[i : i+1]}
		}
		return each
	}
	cells := map[string][]world.Row{}
	for _, r := range rows {
		name := groupOf(r, by)
		cells[name] = append(cells[name], r)
	}
	var out []group
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		out = append(out, group{name, cells[name]})
	}
	return out
}

// table gathers the rows of a statistic.
type table struct {
	names  []string
	counts []float32
	rows   [][]linalg.Tensor
}

func (t *table) add(name string, row []linalg.Tensor, count float64) {
	t.names, t.counts, t.rows = append(t.names, name), append(t.counts, float32(count)), append(t.rows, row)
}

// tensors is the table as it travels.
func (t *table) tensors(statistic string, grouped bool) linalg.Tensors {
	out := linalg.Tensors{Meta: map[string]string{"kind": "statistic", "statistic": statistic}}
	for i, x := range t.rows[0] {
		if grouped {
			all := linalg.Tensor{Name: x.Name, Shape: slices.Concat([]int{len(t.rows)}, x.Shape)}
			for _, row := range t.rows {
				all.Data = append(all.Data, row[i].Data...)
			}
			x = all
		}
		out.List = append(out.List, x)
	}
	if grouped {
		out.Meta["rows"] = strings.Join(t.names, "\n")
	}
	out.List = append(out.List, linalg.Tensor{Name: "count", Shape: []int{len(t.counts)}, Data: t.counts})
	return out
}

// named is one tensor of a row, rounded once.
func named(name string, data []float64, shape ...int) linalg.Tensor {
	x := linalg.Tensor{Name: name, Shape: shape, Data: make([]float32, len(data))}
	for i, v := range data {
		x.Data[i] = float32(v)
	}
	return x
}
