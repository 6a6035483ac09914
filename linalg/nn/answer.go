package nn

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Answer is a head that says one thing of a whole sequence or picture: a class, or
// numbers. It reads the last hidden state of the first place, after the final norm.
type Answer struct {
	Outputs    int               // classes or numbers; 0: none, the pooler alone
	Pooler     bool              // a linear map of width×width and an activation stand before
	Act        kernel.Activation // of the pooler, also of one that a head would bring
	Regression bool              // squared error of the numbers, where classes have cross-entropy
	Several    bool              // each class may be there or not, whatever the others: a cross-entropy each
}

// numbers says whether such a head is compared with numbers, one an output, and not with a
// class. Of several classes they are 1 and 0.
func (a Answer) numbers() bool { return a.Regression || a.Several }

// answer are the maps of such a head.
type answer struct {
	pooler, out *linear // nil: none
}

// answerBy adds the head that the config asks for; its layers bear these names.
func (p *parts) answerBy(c Config, pooler, out string) *parts {
	if !c.Answer.Pooler && c.Answer.Outputs == 0 {
		return p
	}
	p.answer = &answer{}
	width := fmt.Sprintf("hidden_size %d", c.Width)
	if c.Answer.Pooler {
		p.answer.pooler = p.linear(c.Width, false, true, owned{"pooler", pooler, width, c.Width})
		p.answer.pooler.block = c.Layers
	}
	if c.Answer.Outputs > 0 {
		why := fmt.Sprintf("labels %d, %s", c.Answer.Outputs, width)
		p.answer.out = p.linear(c.Width, false, true, owned{"classifier", out, why, c.Answer.Outputs})
		p.answer.out.block, p.answer.out.stage = c.Layers, 1
	}
	return p
}

// answering is what a pass through such a head keeps, a row per sequence.
type answering struct {
	x, h, u, act, logits []float32 // before and after the final norm, before and after the activation
	dx, dh, du           []float32
	stat                 stats
	of                   [1]kernel.Labelled
}

func (a *answering) reserve(c *Config, rows int) {
	for _, s := range []*[]float32{&a.x, &a.h, &a.u, &a.act, &a.dx, &a.dh, &a.du} {
		grow(s, rows*c.Width)
	}
	grow(&a.logits, rows*c.Answer.Outputs)
	grow(&a.stat.mean, rows)
	grow(&a.stat.inv, rows)
}

// pool takes the first place of each sequence through the final norm and the pooler.
func (r *Runner) pool() kernel.Matrix {
	c, p, a, n := &r.model.config, r.model.parts, &r.answers, len(r.seqs)
	a.reserve(c, n)
	h := kernel.Of(a.x, n, c.Width)
	for i, s := range r.seqs {
		copy(h.Row(i), r.tail[s.lo*c.Width:(s.lo+1)*c.Width])
	}
	if p.final != nil {
		x := h
		h = kernel.Of(a.h, n, c.Width)
		r.norm(p.final, &h, &x, a.stat.rows(0, n))
	}
	if p.answer.pooler == nil {
		return h
	}
	u, act := kernel.Of(a.u, n, c.Width), kernel.Of(a.act, n, c.Width)
	r.through(p.answer.pooler, &u, &h, nil, 0)
	c.Answer.Act.Apply(act, u)
	return act
}

// respond gives the outputs of the head, sequences×Outputs.
func (r *Runner) respond() kernel.Matrix {
	pooled := r.pool()
	logits := kernel.Of(r.answers.logits, len(r.seqs), r.model.config.Answer.Outputs)
	r.through(r.model.answer.out, &logits, &pooled, nil, 0)
	return logits
}

// Pooled appends what the pooler of a model makes of each sequence, sequences×Width, to
// dst: what Transformers calls pooler_output.
func (r *Runner) Pooled(dst []float32) []float32 {
	r.need("Pooled")
	if r.model.answer == nil || r.model.answer.pooler == nil {
		panic("nn: Pooled of a model without a pooler")
	}
	return append(dst, r.pool().Data...)
}

// measureAnswers is measure for heads that answer for sequences.
func (r *Runner) measureAnswers(g *goal) (total Loss, each []Loss) {
	grow(&r.losses, len(r.seqs))
	clear(r.losses)
	logits := r.respond()
	for i := range r.seqs {
		row := logits.Row(i)
		if !r.counts(i) {
			clear(row)
			continue
		}
		l := Loss{Count: 1}
		var hit bool
		switch {
		case g.teacher != nil:
			hit = kernel.ArgMax(row) == int(r.classes[i])
			l.Sum = kernel.KL(row, g.teacher[i*logits.Cols:(i+1)*logits.Cols], g.tau, g.weight(i))
		case g.kept != nil:
			hit = kernel.ArgMax(row) == int(r.classes[i])
			l.Sum = g.match(row, i, 0)
		case r.model.config.Answer.Several:
			l.Sum, hit = separately(row, r.targets[i], g, i)
		case r.model.config.Answer.Regression:
			l.Sum = squaredError(row, r.targets[i], g, i)
		case !g.back:
			l.Sum, hit = kernel.CrossEntropy(row, int(r.classes[i]))
		default:
			r.answers.of[0] = kernel.Labelled{Label: int(r.classes[i]), Weight: g.weight(i)}
			kernel.CrossEntropyBack(ref(kernel.Of(row, 1, len(row))), r.answers.of[:])
			l.Sum, hit = r.answers.of[0].Nats, r.answers.of[0].Correct
		}
		if hit {
			l.Correct = 1
		}
		r.losses[i] = l
		total.add(l)
	}
	if g.back {
		r.answersBack(logits)
	}
	return total, r.losses
}

// squaredError is the mean of the squared differences of a row. If the goal wants it the row
// is replaced by the gradient.
func squaredError(row, target []float32, g *goal, seq int) float64 {
	var sum float64
	for j, y := range row {
		d := y - target[j]
		sum += float64(d) * float64(d)
		if g.back {
			row[j] = g.weight(seq) * float32(2*d/float32(len(row)))
		}
	}
	return sum / float64(len(row))
}

// separately is the mean of the binary cross-entropies of a row, in nats, and whether every
// output is on the side of its target. If the goal wants it the row is replaced by the
// gradient. −log σ(x) is log(1 + e^−|x|), and |x| more on the wrong side.
func separately(row, target []float32, g *goal, seq int) (nats float64, hit bool) {
	hit = true
	for j, x := range row {
		y := target[j]
		hit = hit && (x > 0) == (y > 0.5)
		nats += float64(max(x, 0)) - float64(float64(x)*float64(y)) + kernel.Log(1+float64(kernel.Exp(-max(x, -x))))
		if g.back {
			row[j] = g.weight(seq) * ((kernel.Sigmoid(x) - y) / float32(len(row)))
		}
	}
	return nats / float64(len(row)), hit
}

// counts says whether a sequence has something to be compared with.
func (r *Runner) counts(seq int) bool {
	if r.model.config.Answer.numbers() {
		return r.targets != nil
	}
	return r.classes[seq] != Ignore
}

// answersBack takes the gradient of the outputs to the head, the final norm and the first
// place of each sequence.
func (r *Runner) answersBack(dlogits kernel.Matrix) {
	c, p, a, n := &r.model.config, r.model.parts, &r.answers, len(r.seqs)
	h := kernel.Of(a.h, n, c.Width)
	if p.final == nil {
		h = kernel.Of(a.x, n, c.Width)
	}
	dh := kernel.Of(a.dh, n, c.Width)
	if m := p.answer.pooler; m != nil {
		du := kernel.Of(a.du, n, c.Width)
		r.throughBack(p.answer.out, &du, &dlogits, ref(kernel.Of(a.act, n, c.Width)), nil, 0)
		c.Answer.Act.Back(du, du, kernel.Of(a.u, n, c.Width))
		r.throughBack(m, &dh, &du, &h, nil, 0)
	} else {
		r.throughBack(p.answer.out, &dh, &dlogits, &h, nil, 0)
	}
	dx := dh
	if p.final != nil {
		dx = kernel.Of(a.dx, n, c.Width)
		dx.Zero()
		r.normBack(p.final, &dx, &dh, ref(kernel.Of(a.x, n, c.Width)), a.stat.rows(0, n))
	}
	for i, s := range r.seqs {
		kernel.Add(r.back.dx[s.lo*c.Width:(s.lo+1)*c.Width], dx.Row(i))
	}
}

// packAnswers notes what sequences should have been answered.
func (r *Runner) packAnswers(b *Batch) {
	grow(&r.classes, len(r.seqs))
	for i := range r.classes {
		r.classes[i] = Ignore
		if b.Classes != nil {
			r.classes[i] = b.Classes[i]
		}
	}
	r.targets = append(r.targets[:0], b.Targets...)
	if b.Targets == nil {
		r.targets = nil
	}
}

// checkAnswers is check for what sequences should be answered.
func (b *Batch) checkAnswers(c *Config, sequences int) error {
	if b.Classes == nil && b.Targets == nil {
		return nil
	}
	switch {
	case c.Answer.Outputs == 0:
		return fmt.Errorf("batch: classes or targets for a model without a head that answers for sequences")
	case b.Labels != nil:
		return fmt.Errorf("batch: labels of tokens for a model that answers for sequences")
	case c.Answer.numbers() && (b.Classes != nil || len(b.Targets) != sequences):
		return fmt.Errorf("batch: %d targets and %d classes for %d sequences of a model that answers with numbers (regression, or several classes)", len(b.Targets), len(b.Classes), sequences)
	case !c.Answer.numbers() && (b.Targets != nil || len(b.Classes) != sequences):
		return fmt.Errorf("batch: %d classes and %d targets for %d sequences of a model that tells classes apart", len(b.Classes), len(b.Targets), sequences)
	}
	for i, y := range b.Classes {
		if y != Ignore && (y < 0 || int(y) >= c.Answer.Outputs) {
			return fmt.Errorf("batch: sequence %d: class %d; expected 0 … %d, or %d to leave it out", i, y, c.Answer.Outputs-1, Ignore)
		}
	}
	for i, y := range b.Targets {
		if len(y) != c.Answer.Outputs || slices.ContainsFunc(y, func(v float32) bool { return v-v != 0 }) {
			return fmt.Errorf("batch: sequence %d: targets %v; expected %d finite numbers", i, y, c.Answer.Outputs)
		}
		if c.Answer.Several && slices.ContainsFunc(y, func(v float32) bool { return v < 0 || v > 1 }) {
			return fmt.Errorf("batch: sequence %d: targets %v; expected 1 for each class that is there, and 0 for the others", i, y)
		}
	}
	return nil
}
