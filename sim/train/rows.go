package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/world"
)

// rows lists what a recipe's data name, of the participant at work, source by source.
func (t *Trainer) rows(j job, d method.Data) ([]world.Row, error) {
	c, err := t.choose(j, d)
	if err != nil {
		return nil, err
	}
	return c.rows, nil
}

// encode gives rows as a base reads them, to a batch: labels stand on the answers, with inputs on
// the prompts too. warning says that some were too long for all of them.
func (t *Trainer) encode(b *base.Base, rows []world.Row, inputs bool) (batch nn.Batch, warning string, err error) {
	seqs := make([]data.Sequence, len(rows))
	for i, r := range rows {
		s, cut, err := t.world.Sequence(b, r, inputs)
		if err != nil {
			return batch, "", err
		}
		if cut {
			warning = fmt.Sprintf("there are examples of more than %d tokens: they were cut to that", t.world.Longest(b, r))
		}
		seqs[i] = *s
	}
	return data.Join(b.Model.Config(), seqs), warning, nil
}
