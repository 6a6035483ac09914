package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// Forward runs a batch through all blocks and keeps what [Runner.Backward] needs. The
// head is not part of it: ask for [Runner.Loss], Backward, [Runner.Logits] or
// [Runner.Hidden] afterwards, as often as you like.
func (r *Runner) Forward(b Batch) error {
	if err := r.check(&b); err != nil {
		return err
	}
	r.pack(&b)
	r.cache = nil
	r.prepare(max(r.rows, r.both.rows))
	r.run(&b)
	r.ready = true
	return nil
}

// prepare makes room for so many rows, and lays out what may have changed since the last
// pass.
func (r *Runner) prepare(rows int) {
	r.reserve(rows)
	if r.base != nil {
		r.base.refresh(r.model)
	}
	r.stack()
	r.layRouters()
}

// run takes the packed rows through all blocks.
func (r *Runner) run(b *Batch) {
	if r.model.pair != nil {
		r.runPair(b)
		return
	}
	r.forget()
	if r.model.patches != nil {
		r.see(b)
	} else {
		r.embed()
	}
	if r.model.distances != nil {
		r.enterApart()
	}
	for l := range r.blocks {
		r.block(l, b)
	}
	if a := r.model.answer; a != nil {
		for _, m := range []*linear{a.pooler, a.out} {
			if m != nil {
				r.mask(m, b, r.rows)
			}
		}
	}
}

// pack lays the sequences one behind the other and shifts the labels by one place.
func (r *Runner) pack(b *Batch) {
	if r.model.pair != nil {
		r.packPair(b)
		return
	}
	c := &r.model.config
	r.rows = b.rows(c)
	for _, s := range []*[]int32{&r.ids, &r.labels, &r.position, &r.types} {
		grow(s, r.rows)
	}
	r.seqs, r.unseen, r.kept = r.seqs[:0], r.unseen[:0], append(r.kept[:0], 0)
	at, last, held := 0, int32(0), 0
	for i := range b.sequences() {
		n := b.length(c, i)
		r.seqs = append(r.seqs, span{at, at + n})
		hidden := 0
		if b.Unseen != nil {
			hidden = b.Unseen[i]
		}
		r.unseen = append(r.unseen, hidden)
		for t := range n {
			r.ids[at+t], r.labels[at+t], r.position[at+t], r.types[at+t] = 0, Ignore, int32(t), 0
			if b.IDs != nil {
				r.ids[at+t] = b.IDs[i][t]
			}
			if b.Labels != nil && b.InPlace {
				r.labels[at+t] = b.Labels[i][t]
			} else if b.Labels != nil && t+1 < n {
				r.labels[at+t] = b.Labels[i][t+1]
			}
			if b.Positions != nil {
				r.position[at+t] = b.Positions[i][t]
			}
			if b.Types != nil {
				r.types[at+t] = b.Types[i][t]
			}
			last = max(last, r.position[at+t])
		}
		at += n
		if n <= kept {
			held += c.Heads * n * n
		}
		r.kept = append(r.kept, held)
	}
	r.prompts, r.shares = b.Prompts, b.Shares
	r.packAnswers(b)
	r.turns.reach(int(last))
	r.dropping = b.Dropout != nil
}

// embed adds up the vectors of each row's token, position and type.
func (r *Runner) embed() {
	c, p, x := &r.model.config, r.model.parts, r.stream(0)
	if p.embedNorm != nil {
		x = r.entry.x
	}
	rows := window(x, c.Width, 0, r.rows)
	for t := range r.rows {
		r.model.look(p.embed, rows.Row(t), int(r.ids[t]))
	}
	r.lookBeside(rows)
	if c.EmbedScale != 0 {
		kernel.Scale(rows.Data, float32(c.EmbedScale))
	}
	if p.types != nil {
		for t := range r.rows {
			kernel.Add(rows.Row(t), r.model.row(p.types, int(r.types[t])))
		}
	}
	if p.positions != nil {
		r.addPositions(rows)
	}
	if p.embedNorm != nil {
		r.norm(p.embedNorm, ref(window(r.stream(0), c.Width, 0, r.rows)), &rows, r.entry.stat.rows(0, r.rows))
	}
}

// addPositions adds the vectors of the rows' positions, those of a stretch in one go.
func (r *Runner) addPositions(rows kernel.Matrix) {
	c, p := &r.model.config, r.model.parts.positions
	table := r.model.data[p.vector]
	for lo, hi := 0, 0; lo < r.rows; lo = hi {
		hi = r.stretchEnd(lo, r.rows)
		at := (int(r.position[lo]) + c.PositionOffset) * p.width
		kernel.Add(rows.Data[lo*p.width:hi*p.width], table[at:])
	}
}

// embedBack takes the gradient of the first block's input to the tables.
func (r *Runner) embedBack() {
	c, p, dx := &r.model.config, r.model.parts, window(r.back.dx, r.model.config.Width, 0, r.rows)
	if r.lowest >= 0 {
		return
	}
	if p.patches != nil {
		r.seeBack(dx)
		return
	}
	if p.embedNorm != nil {
		r.normSwap(p.embedNorm, &dx, ref(window(r.back.dh, c.Width, 0, r.rows)), ref(window(r.entry.x, c.Width, 0, r.rows)), r.entry.stat.rows(0, r.rows))
	}
	for t := range r.rows {
		r.base.look(p.types, int(r.types[t]), dx.Row(t))
		r.base.look(p.positions, int(r.position[t])+c.PositionOffset, dx.Row(t))
	}
	if c.EmbedScale != 0 {
		kernel.Scale(dx.Data, float32(c.EmbedScale))
	}
	r.lookBesideBack(dx)
	for t := range r.rows {
		r.base.look(p.embed, int(r.ids[t]), dx.Row(t))
	}
}

// row is a row of a table that has its own memory.
func (m *Model) row(t *table, i int) []float32 {
	return m.data[t.vector][i*t.width : (i+1)*t.width]
}

// look copies a row of any table.
func (m *Model) look(t *table, dst []float32, i int) {
	if t.tied != nil {
		m.maps[t.tied.id].forward.Row(dst, i)
		return
	}
	copy(dst, m.row(t, i))
}

// Rows counts the tokens of the last batch; its sequences lie one behind the other, as
// [Runner.GivenSpan] says.
func (r *Runner) Rows() int { return r.rows }

// Sequences counts the sequences or pictures of the last batch.
func (r *Runner) Sequences() int { return len(r.seqs) }

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
	c, n, at := &r.model.config, r.model.parts.final, len(dst)
	dst = append(dst, r.tail[:r.rows*c.Width]...)
	if n != nil {
		rows := kernel.Of(dst[at:], r.rows, c.Width)
		r.norm(n, &rows, &rows, stats{make([]float32, r.rows), make([]float32, r.rows)})
	}
	return dst
}

// need accuses a caller who asks for results of a pass that was not made.
func (r *Runner) need(what string) {
	if !r.ready {
		panic("nn: " + what + " without a Forward since the model or its branches changed")
	}
}
