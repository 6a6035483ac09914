package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/world"
)

// rows lists what a recipe's data name, of the participant at work.
func (t *Trainer) rows(j job, d method.Data) ([]world.Row, error) {
	rows, err := t.world.Choose(j.req.Stage.Index, j.req.Whom, d)
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("it has no example in %q", append(d.From, method.Source{Name: "train"})[0].Name)
	}
	return rows, err
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
