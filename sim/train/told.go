package train

import (
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
)

// score measures a model: the metrics over all examples, and, with By, in each group.
func (t *Trainer) score(j job, s method.Score) (method.Report, error) {
	plain, told := metric.Untold(s.Metrics)
	if len(told) == 0 {
		return t.scoreAs(j, s, false)
	}
	if s.Column != "" {
		return method.Report{}, refuse("leaving a column behind (Score.Column) where experts are told (metrics %q)", s.Metrics)
	}
	asked := s.Metrics
	var rep method.Report
	var err error
	if s.Metrics = plain; len(plain) > 0 {
		if rep, err = t.scoreAs(j, s, false); err != nil {
			return rep, err
		}
	}
	s.Metrics = told
	if s.Model, err = toldModel(s.Model); err != nil {
		return rep, err
	}
	more, err := t.scoreAs(j, s, true)
	if err != nil {
		return rep, err
	}
	if len(s.Model.Routers) == 0 { // nobody is to be found
		for i := range more.Values {
			more.Values[i].Value, more.Values[i].Weight = 0, 0
		}
	}
	rep.Values = metric.Told(asked, rep.Values, more.Values)
	rep.Examples, rep.Warnings = more.Examples, more.Warnings
	return rep, nil
}

// toldModel is a model whose router is told the expert of every example.
func toldModel(m method.Model) (method.Model, error) {
	if len(m.Routers) > 1 {
		return m, refuse("telling the experts of %d routers at a time", len(m.Routers))
	}
	m.Routers = slices.Clone(m.Routers)
	for i, r := range m.Routers {
		m.Routers[i] = method.Router{Over: r.Over, By: method.ByColumn, Grain: method.Sequence, Mix: method.Outputs, Column: r.Column}
	}
	return m, nil
}
