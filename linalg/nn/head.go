package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// chunk is how many rows of logits exist at a time while losses are computed; a batch's
// logits are never all there unless [Runner.Logits] is asked for them. A head that the
// second cache cannot hold is read as seldom as is sensible.
func (c *Config) chunk() int {
	if c.Vocab*c.Width > 1<<17 {
		return 128
	}
	return 64
}

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
	x      []float32 // before the final norm, chunk×Width, where they do not lie together
	h      []float32 // after it
	dx, dh []float32
	stat   stats
	logits []float32 // chunk×Vocab
	of     []kernel.Labelled
}

func (h *headScratch) reserve(c *Config) {
	if h.h == nil {
		chunk := c.chunk()
		h.rows, h.seq = make([]int, 0, chunk), make([]int, 0, chunk)
		for _, s := range []*[]float32{&h.x, &h.h, &h.dx, &h.dh} {
			*s = kernel.Make[float32](chunk * c.Width)
		}
		h.of = make([]kernel.Labelled, 0, chunk)
		h.stat = stats{make([]float32, chunk), make([]float32, chunk)}
		h.logits = kernel.Make[float32](chunk * stride(c.Vocab))
	}
}

// take fills the chunk with rows lo…hi−1.
func (h *headScratch) take(lo, hi int) {
	h.rows = h.rows[:0]
	for t := lo; t < hi; t++ {
		h.rows = append(h.rows, t)
	}
}

// together is whether the chunk's rows lie one behind the other.
func (h *headScratch) together() bool {
	for i, t := range h.rows {
		if t != h.rows[0]+i {
			return false
		}
	}
	return len(h.rows) > 0
}

// gathered sets x to the chunk's rows of a stream: where they are, or side by side.
func (h *headScratch) gathered(x *kernel.Matrix, c *Config, stream []float32) {
	if h.together() {
		setWindow(x, stream, c.Width, h.rows[0], h.rows[0]+len(h.rows))
		return
	}
	x.SetOf(h.x, len(h.rows), c.Width)
	for i, t := range h.rows {
		copy(x.Row(i), stream[t*c.Width:(t+1)*c.Width])
	}
}

// Loss gives the loss of the last batch, whole and by sequence, and changes nothing. The
// result by sequence is the Runner's memory, good until the next call.
func (r *Runner) Loss() (total Loss, each []Loss) {
	r.need("Loss")
	return r.measure(&goal{})
}

// counted is the number of labels in the batch that count.
func (r *Runner) counted() int {
	n := 0
	if r.model.config.Answer.Outputs > 0 {
		for i := range r.seqs {
			if r.counts(i) {
				n++
			}
		}
		return n
	}
	for _, y := range r.labels[:r.rows] {
		if y != Ignore {
			n++
		}
	}
	return n
}

// goal is what a pass is measured against: the labels, a teacher's logits, or those of before.
type goal struct {
	back    bool      // the gradient is wanted too
	weights []float64 // of a label of each sequence; nil: even
	even    float32
	teacher []float32 // Rows×Vocab; nil: the labels
	tau     float64
	kept    [][]float32 // by sequence, the logits at its labels; see [Runner.Match]
}

// weight of a label of a sequence.
func (g *goal) weight(seq int) float32 {
	if g.weights != nil {
		return float32(g.weights[seq])
	}
	return g.even
}

// measure walks the labels that count, a chunk of rows at a time. If the goal wants it
// it also leaves the gradient of the residual stream in dx.
func (r *Runner) measure(g *goal) (total Loss, each []Loss) {
	if r.model.config.Answer.Outputs > 0 {
		return r.measureAnswers(g)
	}
	h, chunk := &r.head, r.model.config.chunk()
	h.reserve(&r.model.config)
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
				r.measureChunk(g)
			}
		}
	}
	if len(h.rows) > 0 {
		r.measureChunk(g)
	}
	for _, l := range r.losses {
		total.add(l)
	}
	return total, r.losses
}

// measureChunk adds the gathered rows to the losses and empties the chunk.
func (r *Runner) measureChunk(g *goal) {
	h := &r.head
	var logits kernel.Matrix
	r.project(&logits)
	plain := g.back && g.teacher == nil && g.kept == nil
	if plain {
		h.of = h.of[:len(h.rows)]
		for i, t := range h.rows {
			x := &h.of[i]
			x.Label, x.Weight = int(r.labels[t]), g.weight(h.seq[i])
		}
		kernel.CrossEntropyBack(&logits, h.of)
	}
	for i, t := range h.rows {
		row, y, seq := logits.Row(i), int(r.labels[t]), h.seq[i]
		var nats float64
		var hit bool
		switch {
		case g.teacher != nil:
			hit = kernel.ArgMax(row) == y
			nats = kernel.KL(row, g.teacher[t*logits.Cols:(t+1)*logits.Cols], g.tau, g.weight(seq))
		case g.kept != nil:
			hit = kernel.ArgMax(row) == y
			nats = g.match(row, seq, r.losses[seq].Count)
		case plain:
			nats, hit = h.of[i].Nats, h.of[i].Correct
		default:
			nats, hit = kernel.CrossEntropy(row, y)
		}
		l := &r.losses[seq]
		l.Sum += nats
		l.Count++
		if hit {
			l.Correct++
		}
	}
	if g.back {
		r.headBack(&logits)
	}
	h.rows, h.seq = h.rows[:0], h.seq[:0]
}

// project takes the chunk's rows through the final norm and the head, and sets logits to where
// they are.
func (r *Runner) project(logits *kernel.Matrix) {
	if r.model.parts.head == nil {
		panic("nn: logits or losses of a model without a head")
	}
	c, h, n, p := &r.model.config, &r.head, len(r.head.rows), r.model.parts
	var x, normed kernel.Matrix
	h.gathered(&x, c, r.tail)
	normed.SetOf(h.h, n, c.Width)
	if p.final != nil {
		r.norm(p.final, &normed, &x, h.stat.rows(0, n))
	} else {
		copy(normed.Data, x.Data)
	}
	if c.HeadScale != 0 {
		kernel.Scale(normed.Data, float32(c.HeadScale))
	}
	setApart(logits, h.logits, n, c.Vocab)
	r.through(p.head, logits, &normed, nil, 0)
}

// headBack takes the gradient of the chunk's logits to the head, the final norm and the
// residual stream.
func (r *Runner) headBack(dlogits *kernel.Matrix) {
	c, h, n, p := &r.model.config, &r.head, len(r.head.rows), r.model.parts
	var dh, normed, dx, x kernel.Matrix
	dh.SetOf(h.dh, n, c.Width)
	normed.SetOf(h.h, n, c.Width)
	r.throughBack(p.head, &dh, dlogits, &normed, nil, 0)
	if c.HeadScale != 0 {
		kernel.Scale(dh.Data, float32(c.HeadScale))
	}
	if p.final != nil && h.together() { // where nothing has been added yet
		setWindow(&dx, r.back.dx, c.Width, h.rows[0], h.rows[0]+n)
		setWindow(&x, r.tail, c.Width, h.rows[0], h.rows[0]+n)
		r.normBack(p.final, &dx, &dh, &x, h.stat.rows(0, n))
		return
	}
	dx = dh
	if p.final != nil {
		dx.SetOf(h.dx, n, c.Width)
		dx.Zero()
		x.SetOf(h.x, n, c.Width)
		r.normBack(p.final, &dx, &dh, &x, h.stat.rows(0, n))
	}
	for i, t := range h.rows {
		kernel.Add(r.back.dx[t*c.Width:(t+1)*c.Width], dx.Row(i))
	}
}

// Logits appends the logits of all rows of the last batch, Rows×Vocab, to dst; of a model
// that answers for sequences, its answers, sequences×Outputs.
func (r *Runner) Logits(dst []float32) []float32 {
	r.need("Logits")
	if r.model.config.Answer.Outputs > 0 {
		return append(dst, r.respond().Data...)
	}
	var logits kernel.Matrix
	h := &r.head
	h.reserve(&r.model.config)
	for lo, chunk := 0, r.model.config.chunk(); lo < r.rows; lo += chunk {
		h.take(lo, min(lo+chunk, r.rows))
		r.project(&logits)
		dst = appendRows(dst, &logits)
	}
	h.rows = h.rows[:0]
	return dst
}

// logitsOf appends the logits of some rows.
func (r *Runner) logitsOf(dst []float32, rows []int) []float32 {
	var logits kernel.Matrix
	h := &r.head
	h.reserve(&r.model.config)
	for lo, chunk := 0, r.model.config.chunk(); lo < len(rows); lo += chunk {
		h.rows = append(h.rows[:0], rows[lo:min(lo+chunk, len(rows))]...)
		r.project(&logits)
		dst = appendRows(dst, &logits)
	}
	h.rows = h.rows[:0]
	return dst
}

func appendRows(dst []float32, m *kernel.Matrix) []float32 {
	for i := range m.Rows {
		dst = append(dst, m.Row(i)...)
	}
	return dst
}
