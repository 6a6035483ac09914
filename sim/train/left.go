package train

import (
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/world"
)

// left is the column that a Score leaves behind: of each example, its first metric.
type left struct {
	name, metric string
	sums         []metric.Sum
}

// leaves is the column of a Score, or one that takes nothing in where it leaves none.
func leaves(s method.Score) *left { return &left{name: s.Column, metric: s.Metrics[0]} }

func (l *left) add(e metric.Example) {
	if l.name != "" {
		l.sums = append(l.sums, metric.Sum{})
		l.sums[len(l.sums)-1].Add(e)
	}
}

// written takes in what was written for the last of those added.
func (l *left) written(all []metric.Written) {
	if l.name == "" {
		return
	}
	for i, w := range all {
		l.sums[len(l.sums)-len(all)+i].AddWritten(w)
	}
}

// store keeps the column, and uploads it where that is asked for.
func (l *left) store(t *Trainer, j job, rows []world.Row, said []metric.Said, rep *method.Report) error {
	if l.name == "" {
		return nil
	}
	values := make([]float32, len(rows))
	for i := range rows {
		v, err := l.value(i, said)
		if err != nil {
			return err
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("the column %q of %s is %g for example %d: it is to be a number of each example by itself", l.name, l.metric, v, i)
		}
		values[i] = float32(v)
	}
	b, err := t.blobs.Put(columnOf(rows, values))
	if err != nil {
		return err
	}
	*j.keeps = append(*j.keeps, method.Named{Name: l.name, Blob: b})
	if slices.Contains(j.assign.Upload, l.name) {
		rep.Made = append(rep.Made, method.Named{Name: l.name, Blob: b})
	}
	return nil
}

func (l *left) value(i int, said []metric.Said) (float64, error) {
	if !metric.Classifies([]string{l.metric}) {
		v, _, err := l.sums[i].Value(l.metric)
		return v, err
	}
	one := said[i]
	one.Group = ""
	v, err := metric.OfClasses([]string{l.metric}, []metric.Said{one})
	if err != nil || len(v) == 0 {
		return math.NaN(), err
	}
	return v[0].Value, nil
}
