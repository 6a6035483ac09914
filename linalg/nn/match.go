package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora/penalty"
)

// Match is Backward towards logits of before: the loss of a label is Σ(z−z₀)² over the classes
// (dark experience replay; Buzzega et al. 2020, equation 6). kept has, for each sequence, what
// [Runner.Answers] gave of it; one with nil has no part in the loss.
func (r *Runner) Match(kept [][]float32, weight []float64) (total Loss, each []Loss) {
	r.need("Match")
	cols := r.model.config.Vocab
	if r.model.config.Answer.Outputs > 0 {
		cols = r.model.config.Answer.Outputs
	}
	if len(kept) != len(r.seqs) || r.model.config.Answer.numbers() {
		panic(fmt.Sprintf("nn: logits kept of %d sequences for %d, answers with numbers: %v", len(kept), len(r.seqs), r.model.config.Answer.numbers()))
	}
	for i, k := range kept {
		if n := r.labelsOf(i) * cols; k != nil && len(k) != n {
			panic(fmt.Sprintf("nn: %d logits kept of sequence %d, which has %d", len(k), i, n))
		}
	}
	return r.backward(goal{kept: kept}, weight)
}

// Answers are the logits of the last batch at the labels that count, in order, labels×Vocab by
// sequence, or those of a head that answers for sequences. They are new memory.
func (r *Runner) Answers() [][]float32 {
	r.need("Answers")
	out := make([][]float32, len(r.seqs))
	if n := r.model.config.Answer.Outputs; n > 0 {
		logits := r.respond()
		for i := range out {
			out[i] = append(out[i], logits.Row(i)...)
		}
		return out
	}
	var rows []int
	for i, s := range r.seqs {
		rows = rows[:0]
		for t := s.lo; t < s.hi; t++ {
			if r.labels[t] != Ignore {
				rows = append(rows, t)
			}
		}
		out[i] = r.logitsOf(out[i], rows)
	}
	return out
}

// labelsOf is how many labels of a sequence count.
func (r *Runner) labelsOf(seq int) (n int) {
	if r.model.config.Answer.Outputs > 0 {
		return 1
	}
	for _, y := range r.labels[r.seqs[seq].lo:r.seqs[seq].hi] {
		if y != Ignore {
			n++
		}
	}
	return n
}

// match is the loss of a row against what was kept of its sequence, where it is label number k.
func (g *goal) match(row []float32, seq, k int) float64 {
	if g.kept[seq] == nil {
		clear(row)
		return 0
	}
	return penalty.Apart(row, g.kept[seq][k*len(row):], g.weight(seq))
}
