package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Backward adds to the gradients of all trained branches and weights, and gives the loss
// of the last batch, whole and by sequence, in nats.
//
// With weight nil the objective is the mean over all labels that count. Otherwise each
// label of sequence i counts weight[i], and nothing is divided: so a caller weighs
// examples, or sums over batches and divides by what only it knows. The result by
// sequence is the Runner's memory, good until the next call.
func (r *Runner) Backward(weight []float64) (total Loss, each []Loss) {
	r.need("Backward")
	return r.backward(goal{}, weight)
}

// Distill is Backward towards another model's choices instead of labels: at each place
// whose label counts the loss is τ²·KL(teacher ‖ model), with both logits divided by τ
// (Hinton, Vinyals and Dean 2015). teacher is the logits of the same rows, as
// [Runner.Logits] of a Runner of that model gives them.
func (r *Runner) Distill(teacher []float32, tau float64, weight []float64) (total Loss, each []Loss) {
	r.need("Distill")
	c := &r.model.config
	rows, cols := r.rows, c.Vocab
	if c.Answer.Outputs > 0 {
		rows, cols = len(r.seqs), c.Answer.Outputs
	}
	if len(teacher) != rows*cols || !(tau > 0) || c.Answer.numbers() {
		panic(fmt.Sprintf("nn: a teacher of %d logits for %d×%d, at temperature %g, answers with numbers: %v", len(teacher), rows, cols, tau, c.Answer.numbers()))
	}
	return r.backward(goal{teacher: teacher, tau: tau}, weight)
}

func (r *Runner) backward(g goal, weight []float64) (total Loss, each []Loss) {
	if weight != nil && len(weight) != len(r.seqs) {
		panic(fmt.Sprintf("nn: %d weights for %d sequences", len(weight), len(r.seqs)))
	}
	g.weights, g.even, g.back = weight, evenly(r.counted()), true
	r.reserveBack()
	clear(r.back.dx[:r.rows*r.model.config.Width])
	total, each = r.measure(&g)
	r.blocksBack()
	return total, each
}

// evenly is the weight of each of so many labels.
func evenly(labels int) float32 {
	if labels == 0 {
		return 0
	}
	return float32(1 / float64(labels))
}

// BackwardFrom is Backward for an objective of the caller's own: dlogits is its gradient
// with respect to [Runner.Logits], and of its shape. The slice is not changed.
func (r *Runner) BackwardFrom(dlogits []float32) {
	r.need("BackwardFrom")
	c := &r.model.config
	if c.Answer.Outputs > 0 {
		r.backwardFromAnswers(dlogits)
		return
	}
	if len(dlogits) != r.rows*c.Vocab {
		panic(fmt.Sprintf("nn: a gradient of %d numbers for logits of %d×%d", len(dlogits), r.rows, c.Vocab))
	}
	r.reserveBack()
	clear(r.back.dx[:r.rows*c.Width])
	r.head.reserve(c)
	for lo, chunk := 0, c.chunk(); lo < r.rows; lo += chunk {
		hi := min(lo+chunk, r.rows)
		r.head.take(lo, hi)
		var d kernel.Matrix
		r.project(&d)
		for i := range d.Rows {
			copy(d.Row(i), dlogits[(lo+i)*c.Vocab:])
		}
		r.headBack(&d)
	}
	r.blocksBack()
}

// backwardFromAnswers is BackwardFrom for a head that answers for sequences.
func (r *Runner) backwardFromAnswers(dlogits []float32) {
	n, outputs := len(r.seqs), r.model.config.Answer.Outputs
	if len(dlogits) != n*outputs {
		panic(fmt.Sprintf("nn: a gradient of %d numbers for answers of %d×%d", len(dlogits), n, outputs))
	}
	r.reserveBack()
	clear(r.back.dx[:r.rows*r.model.config.Width])
	d := r.respond()
	copy(d.Data, dlogits)
	r.answersBack(d)
	r.blocksBack()
}

// BackwardFromHidden is Backward for an objective over hidden states: dx is its gradient
// with respect to [Runner.Hidden] of the last block, Rows×Width. The slice is not changed.
func (r *Runner) BackwardFromHidden(dx []float32) {
	r.need("BackwardFromHidden")
	w := r.model.config.Width
	if len(dx) != r.rows*w {
		panic(fmt.Sprintf("nn: a gradient of %d numbers for hidden states of %d×%d", len(dx), r.rows, w))
	}
	r.reserveBack()
	copy(r.back.dx, dx)
	r.blocksBack()
}

// blocksBack takes the gradient of the residual stream after the last block down to the
// lowest trained part, and into the embeddings if those are trained.
func (r *Runner) blocksBack() {
	if r.model.pair != nil {
		r.pairBack()
		return
	}
	for l := len(r.blocks) - 1; l >= 0 && r.lowest <= depth(l, stageDown); l-- {
		r.blockBack(l)
	}
	if r.model.distances != nil {
		r.enterApartBack()
	}
	r.embedBack()
}
