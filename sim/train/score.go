package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/world"
)

// scoreBatch is how many examples one forward pass takes.
const scoreBatch = 32

// score measures a model: the metrics over all examples, and, with By, in each group.
func (t *Trainer) score(j job, s method.Score) (method.Report, error) {
	b, run, err := t.raise(j, s.Model)
	if err != nil {
		return method.Report{}, err
	}
	if metric.Writes(s.Metrics) {
		if err := says(b, "metrics of written texts"); err != nil {
			return method.Report{}, err
		}
	}
	rows, err := t.rows(j, s.Data)
	if err != nil {
		return method.Report{}, err
	}
	for _, r := range rows {
		for _, c := range s.By {
			if _, ok := r.Example().Columns[c]; !ok {
				return method.Report{}, fmt.Errorf("it groups by the column %q, which an example lacks", c)
			}
		}
	}
	rep := method.Report{Examples: len(rows)}
	all, groups := &metric.Sum{}, map[string]*metric.Sum{}
	for lo := 0; lo < len(rows); lo += scoreBatch {
		if err := j.step(Step{Done: lo, Of: len(rows)}); err != nil {
			return method.Report{}, err
		}
		part := rows[lo:min(lo+scoreBatch, len(rows))]
		batch, cut, err := t.encode(b, part, false)
		if err != nil {
			return method.Report{}, err
		}
		if cut != "" && len(rep.Warnings) == 0 {
			rep.Warnings = []string{cut}
		}
		if err := run.Forward(batch); err != nil {
			return method.Report{}, err
		}
		_, each := run.Loss()
		for i, l := range each {
			e := metric.Example{LossNats: l.Sum, Labels: l.Count, Correct: l.Correct}
			all.Add(e)
			if len(s.By) > 0 {
				add(groups, groupOf(part[i], s.By), e)
			}
		}
		if !metric.Writes(s.Metrics) {
			continue
		}
		judged, err := written(run, b, part, batch)
		if err != nil {
			return method.Report{}, err
		}
		for i, w := range judged {
			all.AddWritten(w)
			if len(s.By) > 0 {
				groups[groupOf(part[i], s.By)].AddWritten(w)
			}
		}
	}
	rep.Values, err = measured(s.Metrics, all, groups)
	return rep, err
}

func add(groups map[string]*metric.Sum, name string, e metric.Example) {
	if groups[name] == nil {
		groups[name] = &metric.Sum{}
	}
	groups[name].Add(e)
}

// groupOf is the cell of an example: "y=1,s=0".
func groupOf(r world.Row, by []string) string {
	columns := r.Example().Columns
	cells := make([]string, len(by))
	for i, c := range by {
		cells[i] = c + "=" + columns[c]
	}
	return strings.Join(cells, ",")
}

// measured lists every metric over all, then by group, groups in order of their names.
func measured(names []string, all *metric.Sum, groups map[string]*metric.Sum) (out []method.Value, err error) {
	for _, name := range names {
		v, w, err := all.Value(name)
		if err != nil {
			return nil, err
		}
		out = append(out, method.Value{Name: name, Value: v, Weight: w})
		for _, g := range slices.Sorted(maps.Keys(groups)) {
			v, w, err := groups[g].Value(name)
			if err != nil {
				return nil, err
			}
			out = append(out, method.Value{Name: name, Group: g, Value: v, Weight: w})
		}
	}
	return out, nil
}
