package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
)

// lesson is a term over the data: cross-entropy of the labels, the choices of a teacher, or the
// logits that examples were kept with.
// It is the mean over the labels of those examples of a batch that it is about.
type lesson struct {
	weight  float64
	inputs  bool       // the prompts' tokens are labels too
	on      []bool     // by row, whether it is about it; nil: about all
	teacher *nn.Runner // nil: labels
	tau     float64
	logits  []float32 // the teacher's, used again
	stored  bool      // logits of before are to be matched
	kept    [][]float32
	tally   tally
}

// lesson makes a term over the data ready; of any other it is nil. place is that of the
// teacher's runner.
func (t *Trainer) lesson(j job, b *base.Base, term method.Term, place int) (*lesson, error) {
	switch l := term.Loss.(type) {
	case method.CrossEntropy:
		return &lesson{weight: term.Weight, inputs: l.Inputs}, nil
	case method.Distill:
		from, run, err := t.raiseOn(place, j, l.Teacher)
		if err != nil {
			return nil, fmt.Errorf("the teacher: %w", err)
		}
		if from != b && (from.Words() != b.Words() || from.Model.Config().Vocab != b.Model.Config().Vocab) {
			return nil, fmt.Errorf("the teacher's base %q has another tokenizer than base %q: their choices cannot be compared; distill between bases of one tokenizer, or learn from what the teacher writes", from.Name, b.Name)
		}
		return &lesson{weight: term.Weight, teacher: run, tau: l.Tau}, nil
	}
	if _, is := term.Loss.(method.Recall); is {
		return &lesson{weight: term.Weight, stored: true}, nil
	}
	return nil, nil
}

// labels says whether a lesson is learned from the labels.
func (x *lesson) labels() bool { return x.teacher == nil && !x.stored }

// deck is the examples of a Fit as they are learned from.
type deck struct {
	read   reading
	weight []float64   // by row, how often it counts; nil: once
	kept   [][]float32 // by row, the logits that it was kept with, where any were
	batch  nn.Batch    // used again
}

// reading is the rows as tokens, with labels on the answers (false) or on the prompts too.
type reading map[bool]*nn.Batch

// take is a batch of rows, in memory that the next one uses again.
func (d *deck) take(rows []int, inputs bool) nn.Batch {
	from := d.read[inputs]
	d.batch.Choose(from, rows)
	return d.batch
}

// times is how often a row counts.
func (d *deck) times(row int) float64 {
	if d.weight == nil {
		return 1
	}
	return d.weight[row]
}

// pass goes over a batch for the lessons that have labels in the same places: there and back
// once for all cross-entropies, and back again for each teacher.
func (o *objective) pass(run *nn.Runner, rows []int, inputs bool) error {
	own, taught := 0, 0
	for _, x := range o.lessons {
		switch {
		case x.inputs != inputs:
		case !x.labels():
			taught++
		default:
			own++
		}
	}
	if own+taught == 0 {
		return nil
	}
	b := o.deck.take(rows, inputs)
	weight := o.weights(b, rows, inputs)
	b.Dropout = o.dropout
	if taught == 0 {
		_, each, err := run.Learn(b, weight)
		o.tell(b, rows, inputs, each)
		return err
	}
	if err := run.Forward(b); err != nil {
		return err
	}
	if own > 0 {
		_, each := run.Backward(weight)
		o.tell(b, rows, inputs, each)
	}
	b.Dropout = nil
	for _, x := range o.lessons {
		switch {
		case x.stored:
			x.kept = x.kept[:0]
			for _, row := range rows {
				x.kept = append(x.kept, o.deck.kept[row])
			}
			_, each := run.Match(x.kept, o.weigh(x, b, rows))
			x.note(&o.deck, b, rows, each)
		case x.teacher != nil:
			if err := x.teacher.Forward(b); err != nil {
				return err
			}
			x.logits = x.teacher.Logits(x.logits[:0])
			_, each := run.Distill(x.logits, x.tau, o.weigh(x, b, rows))
			x.note(&o.deck, b, rows, each)
		}
	}
	return nil
}

// tell has every cross-entropy of a pass note its own value.
func (o *objective) tell(b nn.Batch, rows []int, inputs bool, each []nn.Loss) {
	for _, x := range o.lessons {
		if x.labels() && x.inputs == inputs && each != nil {
			x.note(&o.deck, b, rows, each)
		}
	}
}

// note adds up what a lesson was worth over the rows that it is about.
func (x *lesson) note(d *deck, b nn.Batch, rows []int, each []nn.Loss) {
	sum, labels := 0.0, 0.0
	for i, row := range rows {
		if x.on == nil || x.on[row] {
			sum += float64(d.times(row) * each[i].Sum)
			labels += float64(d.times(row) * float64(each[i].Count))
		}
	}
	x.tally.add(sum, labels)
}

// weights are those of the sequences of a batch in the sum of all cross-entropies: nil for
// the plain objective.
func (o *objective) weights(b nn.Batch, rows []int, inputs bool) []float64 {
	plain, all := o.deck.weight == nil, 0.0
	for _, x := range o.lessons {
		if x.labels() && x.inputs == inputs {
			plain = plain && x.on == nil
			if x.on == nil {
				all += x.weight
			}
		}
	}
	if plain && all == 1 {
		return nil
	}
	o.clear(rows)
	o.share(&lesson{weight: all}, b, rows)
	for _, x := range o.lessons {
		if x.labels() && x.inputs == inputs && x.on != nil {
			o.share(x, b, rows)
		}
	}
	return o.each
}

// weigh are the weights of the sequences of a batch in one lesson.
func (o *objective) weigh(x *lesson, b nn.Batch, rows []int) []float64 {
	o.clear(rows)
	o.share(x, b, rows)
	return o.each
}

func (o *objective) clear(rows []int) {
	o.each = o.each[:0]
	for range rows {
		o.each = append(o.each, 0)
	}
}

// share adds a lesson's weight, divided evenly among the labels that it is about.
func (o *objective) share(x *lesson, b nn.Batch, rows []int) {
	labels := 0.0
	for i, row := range rows {
		if x.on == nil || x.on[row] {
			labels += float64(o.deck.times(row) * float64(b.Counts(i)))
		}
	}
	if labels == 0 {
		return
	}
	for i, row := range rows {
		if x.on == nil || x.on[row] {
			o.each[i] += float64(x.weight*o.deck.times(row)) / labels
		}
	}
}
