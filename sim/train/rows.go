package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/world"
)

// rows lists what a recipe's data names, of the participant at work.
func (t *Trainer) rows(j job, d method.Data) ([]world.Row, error) {
	name := "train"
	if len(d.From) > 0 {
		name = d.From[0].Name
	}
	rows, err := t.world.Rows(j.req.Whom, name)
	if err != nil {
		return nil, err
	}
	if d.Limit > 0 {
		rows = rows[:min(d.Limit, len(rows))]
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("there is no example in %q", name)
	}
	return rows, nil
}

// sequences are the rows as tokens, a batch of one each.
func (t *Trainer) sequences(j job, b *base.Base, d method.Data, inputs bool) ([]nn.Batch, error) {
	rows, err := t.rows(j, d)
	if err != nil {
		return nil, err
	}
	out := make([]nn.Batch, len(rows))
	for i, r := range rows {
		s, err := t.world.Sequence(b, r, inputs)
		if err != nil {
			return nil, err
		}
		out[i] = nn.Batch{IDs: [][]int32{s.IDs}, Labels: [][]int32{s.Labels}}
	}
	return out, nil
}
