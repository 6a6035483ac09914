package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/world"
)

// choice is the examples that a recipe's data name.
type choice struct {
	rows     []world.Row
	extra    []map[string]float64 // by row, what a method says of it; nil: nothing
	source   []int                // by row, its place in shares
	mixed    bool                 // several sources are named
	shares   []float64            // of every batch, by source; they add up to 1
	origin   []int                // by source, its place among those that are named
	group    []string             // by row, where they are drawn by groups
	warnings []string
}

// choose finds the examples: source by source, those for which all conditions hold, as many
// of each source as the limit allows.
func (t *Trainer) choose(j job, d method.Data) (*choice, error) {
	from := d.From
	if len(from) == 0 {
		from = []method.Source{{Name: "train"}}
	}
	c := &choice{mixed: len(from) > 1}
	var sizes []float64
	for i, s := range from {
		rows, warning, err := t.open(j, s)
		if err != nil {
			return nil, err
		}
		if warning != "" {
			c.warnings = append(c.warnings, warning)
		}
		part := &choice{rows: rows, extra: make([]map[string]float64, len(rows))}
		if i == 0 {
			if err := t.said(d.Columns, part); err != nil {
				return nil, err
			}
		}
		on, err := t.holds(j, part, d.Where)
		if err != nil {
			return nil, err
		}
		c.warnings = append(c.warnings, part.warnings...)
		n := 0
		for k, r := range rows {
			if (on == nil || on[k]) && (d.Limit == 0 || n < d.Limit) {
				c.rows, c.extra, c.source = append(c.rows, r), append(c.extra, part.extra[k]), append(c.source, len(sizes))
				n++
			}
		}
		if n > 0 {
			sizes, c.shares, c.origin = append(sizes, float64(n)), append(c.shares, s.Share), append(c.origin, i)
		}
	}
	if len(c.rows) == 0 {
		why := append([]string{fmt.Sprintf("it has no example in %q for which all conditions hold", from[0].Name)}, c.warnings...)
		return nil, errors.New(strings.Join(why, "; "))
	}
	c.even(sizes)
	return c, nil
}

// even makes the shares add up to 1; where none is given, each source has its size.
func (c *choice) even(sizes []float64) {
	sum := 0.0
	for _, s := range c.shares {
		sum += s
	}
	if sum == 0 {
		c.shares, sum = sizes, float64(len(c.rows))
	}
	for i := range c.shares {
		c.shares[i] /= sum
	}
}

// open lists the rows of one source: the world's own sets, what the participant keeps under
// another name, or a blob. A set of which nothing is kept yet has no rows, and that is said.
func (t *Trainer) open(j job, s method.Source) (rows []world.Row, warning string, err error) {
	b := s.Blob
	if b == "" {
		if kept := method.KeptAs(j.req.Kept, s.Name); kept != "" && !world.Knows(s.Name) {
			b = kept
		}
	}
	if b != "" {
		c, err := t.collection(b)
		return t.world.Text(j.req.Whom, c.Examples), "", err
	}
	rows, err = t.world.Rows(j.req.Stage.Index, j.req.Whom, s.Name)
	if err != nil && !world.Knows(s.Name) && j.req.Whom.Pool != coordinator.EvaluationPool {
		return nil, fmt.Sprintf("%s has no set %q and keeps none under that name: nothing of it is drawn", j.req.Whom, s.Name), nil
	}
	return rows, "", err
}

func (t *Trainer) collection(b method.Blob) (c data.Collection, err error) {
	x, err := t.blobs.Open(b)
	if err != nil {
		return c, err
	}
	if c, err = data.ParseCollection(x); err != nil {
		return c, fmt.Errorf("blob %.12s…: %w", b, err)
	}
	return c, nil
}

// said notes what a method says of each row of the first source.
func (t *Trainer) said(columns []method.Named, c *choice) error {
	for _, n := range columns {
		x, err := t.blobs.Open(n.Blob)
		if err != nil {
			return err
		}
		if len(x.List) == 0 || len(x.List[0].Data) != len(c.rows) {
			return fmt.Errorf("the column %q is to have a number for each of %d examples, and has %d", n.Name, len(c.rows), x.Floats())
		}
		for i, v := range x.List[0].Data {
			if c.extra[i] == nil {
				c.extra[i] = map[string]float64{}
			}
			c.extra[i][n.Name] = float64(v)
		}
	}
	return nil
}

// groups names the group of each row, and leaves out rows that are known to be in none.
func (t *Trainer) groups(j job, d method.Data, c *choice) error {
	var keep []int
	c.group = make([]string, len(c.rows))
	for i := range c.rows {
		name, known, err := t.groupAmong(j, c, i, d.By)
		if err != nil {
			return err
		}
		if c.group[i] = name; known {
			keep = append(keep, i)
		}
	}
	c.only(keep)
	if len(keep) == 0 {
		return fmt.Errorf("it draws by the groups of %q, and no example is known to be in one", d.By)
	}
	return nil
}

// only keeps some of the rows.
func (c *choice) only(keep []int) {
	rows, extra, source, group := c.rows, c.extra, c.source, c.group
	c.rows, c.extra, c.source, c.group = nil, nil, nil, nil
	for _, i := range keep {
		c.rows, c.extra, c.source = append(c.rows, rows[i]), append(c.extra, extra[i]), append(c.source, source[i])
		if group != nil {
			c.group = append(c.group, group[i])
		}
	}
}

// cut takes as many of each group as the smallest has, by a draw.
func (c *choice) cut(key rng.Key) {
	counts := map[string]int{}
	for _, g := range c.group {
		counts[g]++
	}
	least := math.MaxInt
	for _, n := range counts {
		least = min(least, n)
	}
	var keep []int
	taken := map[string]int{}
	for _, i := range key.Stream().Perm(len(c.rows)) {
		if taken[c.group[i]] < least {
			taken[c.group[i]]++
			keep = append(keep, i)
		}
	}
	slices.Sort(keep)
	c.only(keep)
}
