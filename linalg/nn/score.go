package nn

import (
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// LogProbs appends to dst, for each row of the last batch, the log-probability in nats of
// the label that the row is to predict, and 0 where none counts.
func (r *Runner) LogProbs(dst []float64) []float64 {
	r.need("LogProbs")
	h, at := &r.head, len(dst)
	h.reserve(&r.model.config)
	dst = append(dst, make([]float64, r.rows)...)
	for lo, chunk := 0, r.model.config.chunk(); lo < r.rows; lo += chunk {
		h.take(lo, min(lo+chunk, r.rows))
		logits := r.project()
		for i, t := range h.rows {
			if y := r.labels[t]; y != Ignore {
				nats, _ := kernel.CrossEntropy(logits.Row(i), int(y))
				dst[at+t] = -nats
			}
		}
	}
	h.rows = h.rows[:0]
	return dst
}

// Features appends to dst, for each sequence of the last batch, the mean of its hidden
// states after the final norm, Width numbers; with unit, at length 1. Of an
// encoder-decoder they are the encoder's.
func (r *Runner) Features(dst []float32, unit bool) []float32 {
	final, seqs, w := r.Final(nil), r.seqs, r.model.config.Width
	if r.model.pair != nil {
		final, seqs = r.both.memory, r.both.seqs
	}
	for i, s := range seqs {
		s.lo += r.unseen[i]
		at := len(dst)
		dst = append(dst, make([]float32, w)...)
		mean := dst[at:]
		for t := s.lo; t < s.hi; t++ {
			kernel.Add(mean, final[t*w:(t+1)*w])
		}
		kernel.Scale(mean, 1/float32(s.hi-s.lo))
		if unit {
			kernel.Scale(mean, float32(1/max(math.Sqrt(kernel.SumSquares(mean)), 1e-12)))
		}
	}
	return dst
}
