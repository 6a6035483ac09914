package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/world"
)

// remember gives the examples that have no logits yet those that a model gives at their labels.
func (t *Trainer) remember(j job, m method.Model, all []data.Example) error {
	b, run, err := t.raise(j, m)
	if err != nil {
		return err
	}
	if b.Model.Config().Decoder != (nn.Decoder{}) {
		return refuse("keeping the logits of an encoder-decoder (base %q)", b.Name)
	}
	var fresh []int
	for i, e := range all {
		if e.Logits == nil {
			fresh = append(fresh, i)
		}
	}
	few := make([]data.Example, len(fresh))
	for i, at := range fresh {
		few[i] = all[at]
	}
	rest := t.world.Text(j.req.Whom, few)
	for len(fresh) > 0 {
		n, err := t.together(b, b.Model.PlaceBytes(), rest)
		if err != nil {
			return err
		}
		rows := rest[:n]
		batch, _, err := t.encode(b, rows, false)
		if err != nil {
			return err
		}
		if err := t.stands[0].tell(t, j, rows, &batch); err != nil {
			return err
		}
		if err := run.Forward(batch); err != nil {
			return err
		}
		for i, logits := range run.Answers() {
			all[fresh[i]].Logits = logits
		}
		fresh, rest = fresh[n:], rest[n:]
	}
	return nil
}

// remembered notes the logits that rows were kept with, and says which have any, among those
// that a term is about.
func (d *deck) remembered(rows []world.Row, about []bool) []bool {
	d.kept = make([][]float32, len(rows))
	on := make([]bool, len(rows))
	for i, r := range rows {
		d.kept[i] = r.Example().Logits
		on[i] = d.kept[i] != nil && (about == nil || about[i])
	}
	return on
}

// fits refuses logits of another base, or of another reading of the examples.
func (d *deck) fits(b *base.Base) error {
	c := b.Model.Config()
	for i, k := range d.kept {
		if want := labels(d.read[false], i, c); k != nil && len(k) != want {
			return fmt.Errorf("an example was kept with %d logits, and base %q gives %d at its labels: the set was kept of another base", len(k), b.Name, want)
		}
	}
	return nil
}

// labels is how many logits stand at the labels of a sequence.
func labels(b *nn.Batch, i int, c nn.Config) int {
	if c.Answer.Outputs > 0 {
		return c.Answer.Outputs
	}
	return b.Counts(i) * c.Vocab
}
