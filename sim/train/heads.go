package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/world"
)

// says refuses what can only be asked of a base that says tokens, of one that answers for whole
// texts or pictures by its head.
func says(b *base.Base, what string) error {
	if !b.Answers() {
		return nil
	}
	return fmt.Errorf("%s cannot be asked of base %q: it writes nothing, it tells %d classes apart", what, b.Name, len(b.Classes()))
}

// outputs scores a class by the log-probability that a head gives it, among all that it knows.
type outputs struct {
	trainer *Trainer
	job     job
	base    *base.Base
	run     *nn.Runner
}

func (o outputs) scores(rows []world.Row, options [][]string) ([][]float64, error) {
	c := o.base.Model.Config()
	if c.Answer.Regression || c.Answer.Several {
		return nil, fmt.Errorf("metrics of classes cannot be asked of base %q: its head gives numbers, not one class", o.base.Name)
	}
	batch, _, err := o.trainer.encode(o.base, rows, false)
	if err != nil {
		return nil, err
	}
	if err := o.trainer.stands[0].tell(o.trainer, o.job, rows, &batch); err != nil {
		return nil, err
	}
	if err := o.run.Forward(batch); err != nil {
		return nil, err
	}
	logits, out := o.run.Logits(nil), make([][]float64, len(rows))
	for i := range rows {
		row := logits[i*c.Answer.Outputs : (i+1)*c.Answer.Outputs]
		for _, option := range options[i] {
			k, err := data.ClassOf(c, option)
			if err != nil {
				return nil, err
			}
			nats, _ := kernel.CrossEntropy(row, k)
			out[i] = append(out[i], -nats)
		}
	}
	return out, nil
}
