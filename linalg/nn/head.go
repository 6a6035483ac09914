package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// chunk is how many rows of logits exist at a time while losses are computed; a batch's
// logits are never all there unless [Runner.Logits] is asked for them.
const chunk = 64

// Loss sums cross-entropy over labels that count. Sums over sequences, batches and
// participants are additions of all three fields.
type Loss struct {
	Sum     float64 // nats
	Count   int     // labels
	Correct int     // of them the model's first choice
}

// Mean is nats per label; 0 if none counts.
func (l Loss) Mean() float64 {
	if l.Count == 0 {
		return 0
	}
	return l.Sum / float64(l.Count)
}

func (l *Loss) add(m Loss) {
	l.Sum += m.Sum
	l.Count += m.Count
	l.Correct += m.Correct
}

// headScratch holds one chunk on its way through final norm and head.
type headScratch struct {
	rows   []int     // which rows of the batch
	seq    []int     // and of which sequence
	h      []float32 // after the final norm, chunk×Width
	dh     []float32
	inv    []float32
	logits []float32 // chunk×Vocab
}

func (h *headScratch) reserve(c Config) {
	if h.h == nil {
		h.rows, h.seq = make([]int, 0, chunk), make([]int, 0, chunk)
		h.h, h.dh, h.inv = make([]float32, chunk*c.Width), make([]float32, chunk*c.Width), make([]float32, chunk)
		h.logits = make([]float32, chunk*c.Vocab)
	}
}

// Loss gives the loss of the last batch, whole and by sequence, and changes nothing. The
// result by sequence is the Runner's memory, good until the next call.
func (r *Runner) Loss() (total Loss, each []Loss) {
	r.need("Loss")
	return r.measure(nil)
}

// counted is the number of labels in the batch that count.
func (r *Runner) counted() int {
	n := 0
	for _, y := range r.labels[:r.rows] {
		if y != Ignore {
			n++
		}
	}
	return n
}

// measure walks the labels that count, a chunk of rows at a time. With a weight per
// sequence it also leaves the gradient of the residual stream in dx.
func (r *Runner) measure(weight func(seq int) float32) (total Loss, each []Loss) {
	h := &r.head
	h.reserve(r.model.config)
	grow(&r.losses, len(r.seqs))
	clear(r.losses)
	h.rows, h.seq = h.rows[:0], h.seq[:0]
	for i, s := range r.seqs {
		for t := s.lo; t < s.hi; t++ {
			if r.labels[t] == Ignore {
				continue
			}
			h.rows, h.seq = append(h.rows, t), append(h.seq, i)
			if len(h.rows) == chunk {
				r.measureChunk(weight)
			}
		}
	}
	if len(h.rows) > 0 {
		r.measureChunk(weight)
	}
	for _, l := range r.losses {
		total.add(l)
	}
	return total, r.losses
}

// measureChunk adds the gathered rows to the losses and empties the chunk.
func (r *Runner) measureChunk(weight func(seq int) float32) {
	h := &r.head
	logits := r.gather()
	r.project(logits)
	for i, t := range h.rows {
		row, y, seq := logits.Row(i), int(r.labels[t]), h.seq[i]
		var nats float64
		var hit bool
		if weight == nil {
			nats, hit = kernel.CrossEntropy(row, y)
		} else {
			nats, hit = kernel.CrossEntropyBack(row, y, weight(seq))
		}
		l := Loss{Sum: nats, Count: 1}
		if hit {
			l.Correct = 1
		}
		r.losses[seq].add(l)
	}
	if weight != nil {
		r.headBack(logits)
	}
	h.rows, h.seq = h.rows[:0], h.seq[:0]
}

// gather norms the chunk's rows and gives the room for their logits.
func (r *Runner) gather() kernel.Matrix {
	c, h := r.model.config, &r.head
	gain := r.model.weights.final(c)
	for i, t := range h.rows {
		h.inv[i] = kernel.RMSNorm(h.h[i*c.Width:(i+1)*c.Width], r.tail[t*c.Width:(t+1)*c.Width], gain, c.Eps)
	}
	return kernel.Of(h.logits, len(h.rows), c.Vocab)
}

// project is logits = h·headᵀ for the gathered rows.
func (r *Runner) project(logits kernel.Matrix) {
	c := r.model.config
	kernel.NT(logits, kernel.Of(r.head.h, logits.Rows, c.Width), kernel.Of(r.model.weights.head(c), c.Vocab, c.Width), false)
}

// headBack takes the gradient of the gathered rows' logits to the head, the final norm
// and the residual stream.
func (r *Runner) headBack(dlogits kernel.Matrix) {
	c, h := r.model.config, &r.head
	w, n := c.Width, len(h.rows)
	dh := kernel.Of(h.dh, n, w)
	kernel.NN(dh, dlogits, kernel.Of(r.model.weights.head(c), c.Vocab, w), false)
	var dgain []float32
	if r.grads != nil {
		dgain = r.grads.final(c)
		if g := r.grads.head(c); g != nil {
			kernel.TN(kernel.Of(g, c.Vocab, w), dlogits, kernel.Of(h.h, n, w), true)
		}
	}
	for i, t := range h.rows {
		kernel.RMSNormBack(r.back.dx[t*w:(t+1)*w], dgain, dh.Row(i), r.tail[t*w:(t+1)*w], r.model.weights.final(c), h.inv[i])
	}
}

// Logits appends the logits of all rows of the last batch, Rows×Vocab, to dst.
func (r *Runner) Logits(dst []float32) []float32 {
	r.need("Logits")
	for lo := 0; lo < r.rows; lo += chunk {
		dst = r.logitsOf(dst, lo, min(lo+chunk, r.rows))
	}
	return dst
}

// logitsOf appends the logits of rows lo…hi−1, at most a chunk of them.
func (r *Runner) logitsOf(dst []float32, lo, hi int) []float32 {
	h := &r.head
	h.reserve(r.model.config)
	h.rows = h.rows[:0]
	for t := lo; t < hi; t++ {
		h.rows = append(h.rows, t)
	}
	logits := r.gather()
	r.project(logits)
	h.rows = h.rows[:0]
	return append(dst, logits.Data...)
}
