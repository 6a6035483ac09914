package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// LogProbs appends to dst, for each row of the last batch, the log-probability in nats of
// the label that the row is to predict, and 0 where none counts.
func (r *Runner) LogProbs(dst []float64) []float64 {
	r.need("LogProbs")
	var logits kernel.Matrix
	h, at := &r.head, len(dst)
	h.reserve(&r.model.config)
	dst = append(dst, make([]float64, r.rows)...)
	for lo, chunk := 0, r.model.config.chunk(); lo < r.rows; lo += chunk {
		h.take(lo, min(lo+chunk, r.rows))
		r.project(&logits)
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
