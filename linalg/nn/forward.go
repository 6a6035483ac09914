package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// Forward runs a batch through all blocks and keeps what [Runner.Backward] needs. The
// head is not part of it: ask for [Runner.Loss], Backward, [Runner.Logits] or
// [Runner.Hidden] afterwards, as often as you like.
func (r *Runner) Forward(b Batch) error {
	if err := b.check(r.model.config); err != nil {
		return err
	}
	r.pack(&b)
	r.reserve(r.rows)
	r.embed(0, r.rows)
	for l := range r.blocks {
		r.block(l, 0, r.rows, &b)
	}
	r.ready = true
	return nil
}

// pack lays the sequences one behind the other and shifts the labels by one place.
func (r *Runner) pack(b *Batch) {
	r.rows = b.rows()
	grow(&r.ids, r.rows)
	grow(&r.labels, r.rows)
	grow(&r.position, r.rows)
	r.seqs = r.seqs[:0]
	at, last := 0, int32(0)
	for i, ids := range b.IDs {
		r.seqs = append(r.seqs, span{at, at + len(ids)})
		for t, id := range ids {
			r.ids[at+t], r.labels[at+t], r.position[at+t] = id, Ignore, int32(t)
			if b.Labels != nil && t+1 < len(ids) {
				r.labels[at+t] = b.Labels[i][t+1]
			}
			if b.Positions != nil {
				r.position[at+t] = b.Positions[i][t]
			}
			last = max(last, r.position[at+t])
		}
		at += len(ids)
	}
	r.turns.reach(int(last))
	r.dropping = b.Dropout != nil
}

// embed looks up the tokens of rows lo…hi−1.
func (r *Runner) embed(lo, hi int) {
	w, table, x := r.model.config.Width, r.model.weights.embed(), r.stream(0)
	for t := lo; t < hi; t++ {
		id := int(r.ids[t])
		copy(x[t*w:(t+1)*w], table[id*w:(id+1)*w])
	}
}

// Rows counts the tokens of the last batch; its sequences lie one behind the other.
func (r *Runner) Rows() int { return r.rows }

// Hidden is the residual stream of the last batch, Rows×Width: after l blocks, before any
// final norm; 0 is the embedding. It is the Runner's memory, good until the next batch.
func (r *Runner) Hidden(l int) []float32 {
	r.need("Hidden")
	return r.stream(l)[:r.rows*r.model.config.Width]
}

// Final appends the hidden states after the final norm, Rows×Width, to dst: what
// Transformers calls last_hidden_state.
func (r *Runner) Final(dst []float32) []float32 {
	r.need("Final")
	c, at := r.model.config, len(dst)
	dst = append(dst, r.tail[:r.rows*c.Width]...)
	for t := range r.rows {
		row := dst[at+t*c.Width : at+(t+1)*c.Width]
		kernel.RMSNorm(row, row, r.model.weights.final(c), c.Eps)
	}
	return dst
}

// need accuses a caller who asks for results of a pass that was not made.
func (r *Runner) need(what string) {
	if !r.ready {
		panic("nn: " + what + " without a Forward since the model or its branches changed")
	}
}
