package train

import (
	"fmt"
	"math"
	"strconv"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/world"
)

// column is what rows say in a column, as numbers; NaN where a row has none.
func (t *Trainer) column(j job, d method.Data, rows []world.Row, name string) ([]float64, error) {
	out := make([]float64, len(rows))
	for i, r := range rows {
		text, ok := r.Example().Columns[name]
		if !ok {
			out[i] = math.NaN()
			continue
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("column %q has %q, and conditions compare numbers", name, text)
		}
		out[i] = x
	}
	return out, nil
}

// holds says of each row whether all conditions do; nil where there are none.
func (t *Trainer) holds(j job, d method.Data, rows []world.Row, where []method.Cond) ([]bool, error) {
	if len(where) == 0 {
		return nil, nil
	}
	on := make([]bool, len(rows))
	for i := range on {
		on[i] = true
	}
	for _, c := range where {
		column, err := t.column(j, d, rows, c.Column)
		if err != nil {
			return nil, err
		}
		for i, x := range column {
			on[i] = on[i] && compare(x, c)
		}
	}
	return on, nil
}

// compare is a condition; of a missing value none holds.
func compare(x float64, c method.Cond) bool {
	switch c.Is {
	case "=":
		return x == c.Value
	case "!=":
		return x != c.Value && !math.IsNaN(x)
	case ">":
		return x > c.Value
	case "<":
		return x < c.Value
	}
	panic(fmt.Sprintf("train: the condition %q passed the check of the plan", c.Is))
}

// weighed is how often each row counts: the product of what matches; nil where all count once.
func (t *Trainer) weighed(j job, d method.Data, rows []world.Row) ([]float64, error) {
	if len(d.Weigh) == 0 {
		return nil, nil
	}
	out := make([]float64, len(rows))
	for i := range out {
		out[i] = 1
	}
	for _, w := range d.Weigh {
		on, err := t.holds(j, d, rows, w.Where)
		if err != nil {
			return nil, err
		}
		for i := range out {
			if on == nil || on[i] {
				out[i] *= w.Times
			}
		}
	}
	return out, nil
}
