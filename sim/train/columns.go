package train

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/world"
)

// kindColumn marks the tensors of a column: a number for each of some examples, which are
// named by the hashes of their content, so that it does not matter where they stand later.
const kindColumn = "column"

// sourceColumn tells the sources of mixed data apart; see [method.Cond].
const sourceColumn = "source"

// columnOf is a column as it is kept or uploaded: "value", and "row", the hash in four parts
// of 16 bits, which float32 has exactly.
func columnOf(rows []world.Row, values []float32) linalg.Tensors {
	hashes := make([]float32, 0, 4*len(rows))
	for _, r := range rows {
		h := r.Example().Hash
		for k := range 4 {
			hashes = append(hashes, float32(h>>(16*k)&0xffff))
		}
	}
	return linalg.Tensors{Meta: map[string]string{"kind": kindColumn}, List: []linalg.Tensor{
		{Name: "value", Shape: []int{len(values)}, Data: values}, {Name: "row", Shape: []int{len(rows), 4}, Data: hashes}}}
}

// readColumn is the way back.
func readColumn(x linalg.Tensors) (map[uint64]float64, error) {
	if x.Meta["kind"] != kindColumn || len(x.List) != 2 || len(x.List[1].Data) != 4*len(x.List[0].Data) {
		return nil, fmt.Errorf("it is of kind %q, expected %q", x.Meta["kind"], kindColumn)
	}
	out := make(map[uint64]float64, len(x.List[0].Data))
	for i, v := range x.List[0].Data {
		var h uint64
		for k := range 4 {
			h |= uint64(x.List[1].Data[4*i+k]) << (16 * k)
		}
		out[h] = float64(v)
	}
	return out, nil
}

// column is what rows say in a column, as numbers: what a method said of them, what an
// earlier Score left behind, or what the data have, as far as it may be known. It is NaN
// where a row has none.
func (t *Trainer) column(j job, c *choice, name string) ([]float64, error) {
	var left map[uint64]float64
	if b := method.KeptAs(j.req.Kept, name); b != "" {
		x, err := t.blobs.Open(b)
		if err != nil {
			return nil, err
		}
		if left, err = readColumn(x); err != nil {
			return nil, fmt.Errorf("the column %q: %w", name, err)
		}
	}
	out := make([]float64, len(c.rows))
	missing := 0
	for i, r := range c.rows {
		v, ok := c.extra[i][name]
		if !ok && name == sourceColumn && c.mixed {
			v, ok = float64(c.origin[c.source[i]]), true
		}
		if !ok {
			v, ok = left[r.Example().Hash]
		}
		if !ok {
			var err error
			if v, err = t.number(j, r, name); err != nil {
				return nil, err
			}
		}
		if out[i] = v; math.IsNaN(v) {
			missing++
		}
	}
	if missing == len(c.rows) && missing > 0 {
		if text := fmt.Sprintf("no example has the column %q", name); !slices.Contains(c.warnings, text) {
			c.warnings = append(c.warnings, text)
		}
	}
	return out, nil
}

// number is what a row of the data says in a column.
func (t *Trainer) number(j job, r world.Row, name string) (float64, error) {
	if _, has := r.Example().Columns[name]; !has {
		return math.NaN(), nil
	}
	text, known, err := t.world.Column(j.req.Whom, r, name)
	if err != nil || !known {
		return math.NaN(), err
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("column %q has %q, and conditions compare numbers", name, text)
	}
	return x, nil
}

// holds says of each row whether all conditions do; nil where there are none.
func (t *Trainer) holds(j job, c *choice, where []method.Cond) ([]bool, error) {
	if len(where) == 0 {
		return nil, nil
	}
	on := slices.Repeat([]bool{true}, len(c.rows))
	for _, cond := range where {
		column, err := t.column(j, c, cond.Column)
		if err != nil {
			return nil, err
		}
		for i, x := range column {
			on[i] = on[i] && compare(x, cond)
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
func (t *Trainer) weighed(j job, d method.Data, c *choice) ([]float64, error) {
	if len(d.Weigh) == 0 {
		return nil, nil
	}
	out := slices.Repeat([]float64{1}, len(c.rows))
	for _, w := range d.Weigh {
		on, err := t.holds(j, c, w.Where)
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

// groupAmong is the cell of a row in columns of any kind; known is false where one of them
// may not be known of it, or it has none.
func (t *Trainer) groupAmong(j job, c *choice, row int, by []string) (name string, known bool, err error) {
	cells := make([]string, len(by))
	one := &choice{rows: c.rows[row : row+1], extra: c.extra[row : row+1]}
	for i, column := range by {
		r := c.rows[row]
		_, said := c.extra[row][column]
		if _, has := r.Example().Columns[column]; has && !said && method.KeptAs(j.req.Kept, column) == "" {
			text, known, err := t.world.Column(j.req.Whom, r, column)
			if err != nil || !known {
				return "", false, err
			}
			cells[i] = column + "=" + text
			continue
		}
		v, err := t.column(j, one, column)
		if err != nil || math.IsNaN(v[0]) {
			return "", false, err
		}
		cells[i] = column + "=" + strconv.FormatFloat(v[0], 'g', -1, 64)
	}
	return strings.Join(cells, ","), true, nil
}
