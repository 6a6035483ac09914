package train

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/world"
)

// scoreBatch is how many examples one forward pass takes at most.
const scoreBatch = 32

// scorePlaces and scoreBytes are about what such a pass may have and keep. So many places learning
// takes together, too (see [nn.Runner.Learn]): what they keep stays in the caches, and memory that no
// fit ever touched need not be touched. A large model takes still fewer. What an example gets does
// not depend on those beside it.
const (
	scorePlaces = 128
	scoreBytes  = 256 << 20
)

// together is how many of the first rows go into one pass, at least one; each is what a place
// keeps. Rows are not read for it where a pass of the longest would do: a source and a target
// have at most the context each.
func (t *Trainer) together(b *base.Base, each int, rows []world.Row) (n int, err error) {
	most, left := min(len(rows), scoreBatch), min(scoreBytes, scorePlaces*each)
	if 2*b.Context*each*most <= left {
		return most, nil
	}
	for n < most {
		s, _, err := t.world.Sequence(b, rows[n], false)
		if err != nil {
			return 0, err
		}
		left -= s.Places(b.Model.Config()) * each
		if left < 0 && n > 0 {
			break
		}
		n++
	}
	return n, nil
}

// scoreAs measures a model; told says that its routers may know what they are told.
func (t *Trainer) scoreAs(j job, s method.Score, told bool) (method.Report, error) {
	b, run, err := t.raise(j, s.Model)
	if err != nil {
		return method.Report{}, err
	}
	t.stands[0].open = told
	if metric.Writes(s.Metrics) {
		if err := says(b, "metrics of written texts"); err != nil {
			return method.Report{}, err
		}
	}
	rows, err := t.rows(j, s.Data)
	if err != nil {
		return method.Report{}, err
	}
	if err := t.mayGroup(j, s.By, rows); err != nil {
		return method.Report{}, err
	}
	rep := method.Report{Examples: len(rows)}
	column := leaves(s)
	sums := &scored{all: &metric.Sum{}, groups: map[string]*metric.Sum{}, by: s.By, left: column}
	var said []metric.Said
	classify := metric.Classifies(s.Metrics)
	plain := slices.DeleteFunc(slices.Clone(s.Metrics), func(n string) bool { return metric.Classifies([]string{n}) })
	each := b.Model.PlaceBytes()
	for lo := 0; lo < len(rows); {
		if err := j.step(Step{Done: lo, Of: len(rows)}); err != nil {
			return method.Report{}, err
		}
		n, err := t.together(b, each, rows[lo:])
		if err != nil {
			return method.Report{}, err
		}
		part := rows[lo : lo+n]
		lo += n
		if classify {
			answers, err := t.classify(j, s, t.classesOf(j, b, run), part)
			if err != nil {
				return method.Report{}, err
			}
			said = append(said, answers...)
		}
		if len(plain) == 0 {
			continue
		}
		cut, err := t.judge(j, b, run, part, plain, sums)
		if err != nil {
			return method.Report{}, err
		}
		if cut != "" && len(rep.Warnings) == 0 {
			rep.Warnings = []string{cut}
		}
	}
	if rep.Values, err = measured(plain, sums.all, sums.groups); err != nil {
		return method.Report{}, err
	}
	ofClasses, err := metric.OfClasses(s.Metrics, said)
	rep.Values = append(rep.Values, ofClasses...)
	return rep, cmp.Or(err, column.store(t, j, rows, said, &rep))
}

// mayGroup checks the columns by which a recipe groups: the scenario's own evaluations may use
// any that is there, a method those that it is granted for all examples.
func (t *Trainer) mayGroup(j job, by []string, rows []world.Row) error {
	for _, r := range rows {
		for _, c := range by {
			if _, ok := r.Cell(c); !ok {
				return fmt.Errorf("it groups by the column %q, which an example lacks", c)
			}
			if j.req.Whom.Pool == coordinator.EvaluationPool {
				continue
			}
			if _, known, err := t.world.Column(j.req.Whom, r, c); err != nil || !known {
				return cmp.Or(err, fmt.Errorf("it groups by the column %q, which is granted of some examples only", c))
			}
		}
	}
	return nil
}

// scored adds up what examples got, over all and in each group.
type scored struct {
	all    *metric.Sum
	groups map[string]*metric.Sum
	by     []string
	left   *left // what the examples leave behind
}

// add takes in what one example got.
func (s *scored) add(row world.Row, take func(*metric.Sum)) {
	take(s.all)
	if len(s.by) == 0 {
		return
	}
	name := groupOf(row, s.by)
	if s.groups[name] == nil {
		s.groups[name] = &metric.Sum{}
	}
	take(s.groups[name])
}

// judge lets the model answer a batch of rows, token by token and, where metrics of texts are
// asked for, in its own words. warning says that some rows were cut.
func (t *Trainer) judge(j job, b *base.Base, run *nn.Runner, rows []world.Row, metrics []string, sums *scored) (warning string, err error) {
	batch, warning, err := t.encode(b, rows, false)
	if err != nil {
		return "", err
	}
	stand := t.stands[0]
	if err := stand.tell(t, j, rows, &batch); err != nil {
		return "", err
	}
	if err := run.Forward(batch); err != nil {
		return "", err
	}
	_, each := run.Loss()
	routes := metric.Routes(metrics)
	for i, l := range each {
		e := metric.Example{LossNats: l.Sum, Labels: l.Count, Correct: l.Correct}
		sums.left.add(e)
		sums.add(rows[i], func(s *metric.Sum) { s.Add(e) })
		if routes {
			did := stand.routed(run, rows[i], i)
			sums.add(rows[i], func(s *metric.Sum) { s.AddRouted(did) })
		}
	}
	if !metric.Writes(metrics) {
		return warning, nil
	}
	judged, err := written(run, b, rows, batch)
	sums.left.written(judged)
	for i, w := range judged {
		sums.add(rows[i], func(s *metric.Sum) { s.AddWritten(w) })
	}
	return warning, err
}

// groupOf is the cell of an example: "y=1,s=0".
func groupOf(r world.Row, by []string) string {
	cells := make([]string, len(by))
	for i, c := range by {
		cell, _ := r.Cell(c)
		cells[i] = c + "=" + cell
	}
	return strings.Join(cells, ",")
}

// measured lists every metric over all, then by group, groups in order of their names.
func measured(names []string, all *metric.Sum, groups map[string]*metric.Sum) (out []method.Value, err error) {
	for _, name := range names {
		if counts, is := all.Counts(name, ""); is {
			out = append(out, counts...)
			for _, g := range slices.Sorted(maps.Keys(groups)) {
				counts, _ := groups[g].Counts(name, g)
				out = append(out, counts...)
			}
			continue
		}
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
		if name == metric.RouteConfusion {
			out = append(out, all.Confusion()...)
		}
	}
	return out, nil
}
