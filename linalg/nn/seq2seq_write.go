package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// While an encoder-decoder writes, its sources have been read once: their keys and values
// stay where that pass left them. Each further pass is one row of the decoder for each
// prompt that goes on, and adds that row's keys and values to those written before.

// newWritten is newCache for a decoder that has seen its start token, with room for more.
func newWritten(r *Runner, more int) *cache {
	c, m, longest := &r.model.config, &cache{}, 1+more
	for i, s := range r.both.seqs {
		m.seqs = append(m.seqs, stretch{i * (1 + more), 1})
		longest = max(longest, s.hi-s.lo)
	}
	m.p = make([]float32, longest)
	for l, step := range r.model.pair.decoder {
		s := &r.both.decoder[l]
		if step.qkv == nil {
			continue
		}
		s.written = make([]float32, len(m.seqs)*(1+more)*2*c.wide())
		for i, q := range m.seqs {
			copy(s.written[q.first*2*c.wide():], s.qkv[(3*i+1)*c.wide():(3*i+3)*c.wide()])
		}
	}
	r.both.measure(c.Decoder, []span{{0, 1 + more}})
	return m
}

// packWritten takes the tokens just written, one of each prompt that goes on.
func (r *Runner) packWritten(b *Batch) {
	r.rows, r.ids = len(b.IDs), r.ids[:0]
	for _, ids := range b.IDs {
		r.ids = append(r.ids, ids[0])
	}
}

// attendWritten is attention where each row is the next that its prompt's decoder says: to
// all that it said, or to its source.
func (r *Runner) attendWritten(m *step, s *stepped, bias *table) {
	c, w := &r.model.config, r.cache
	pair, own := 2*c.wide(), c.wide()
	if m.kv == nil {
		own = 3 * c.wide()
	}
	for t, i := range w.live {
		kv, keys, from := s.kv, r.both.seqs[i], 0
		if m.kv == nil {
			q := w.seqs[i]
			kv, keys, from = s.written, span{q.first, q.first + q.filled + 1}, q.filled
			copy(kv[(keys.hi-1)*pair:keys.hi*pair], s.qkv[t*own+c.wide():(t+1)*own])
		}
		p := kernel.Of(w.p, 1, keys.hi-keys.lo)
		for h := range c.Heads {
			r.biased(column(s.o, c.wide(), t, t+1, h, c.HeadDim), p, column(s.qkv, own, t, t+1, h, c.HeadDim),
				column(kv, pair, keys.lo, keys.hi, h, c.HeadDim), column(kv, pair, keys.lo, keys.hi, c.Heads+h, c.HeadDim), bias, h, from, m.causal)
		}
	}
}
