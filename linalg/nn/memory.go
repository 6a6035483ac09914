package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// reserve cuts memory for so many rows and for the branches as attached.
func (r *Runner) reserve(rows int) {
	if rows > r.capacity {
		r.capacity = rows
		r.cutBlocks()
	}
	rank, wide, most := 0, 0, r.capacity
	for id := range r.lanes {
		l, m := &r.lanes[id], r.model.linears[id]
		if l.rank == 0 {
			continue
		}
		n := r.capacity + m.also
		most = max(most, n)
		if m == r.model.parts.head {
			n = r.model.config.chunk()
		}
		rank = max(rank, l.rank)
		grow(&l.z, n*l.rank)
		grow(&l.a, l.rank*m.in)
		grow(&l.tmp, l.rank*max(m.in, m.out))
		if l.factor != nil {
			grow(&l.plain, n*m.out)
			grow(&l.dy, n*m.out)
		}
		l.dropping = false
		for i := range l.branches {
			if b := &l.branches[i]; b.Dropout > 0 {
				l.dropping = true
				wide = max(wide, m.in)
				grow(&b.keep, n*m.in)
				grow(&b.dropped, n*m.in)
			}
		}
	}
	grow(&r.back.dz, max(most, r.model.config.chunk())*rank)
	grow(&r.back.wide, most*wide)
}

// knife cuts windows out of one piece of memory, n rows each. Its first pass only counts.
type knife struct {
	memory []float32
	n, at  int
}

func (k *knife) cut(width int) []float32 {
	lo := k.at
	k.at += k.n * width
	if k.memory == nil {
		return nil
	}
	return k.memory[lo:k.at:k.at]
}

// stats cuts room for the statistics of a norm over so many pieces of a row.
func (k *knife) stats(c *Config, pieces int) stats {
	s := stats{inv: k.cut(pieces)}
	if c.Norm == LayerNorm {
		s.mean = k.cut(pieces)
	}
	return s
}

// cutBlocks cuts what is kept per row out of one piece of memory.
func (r *Runner) cutBlocks() {
	k := &knife{n: r.capacity}
	r.layOut(k)
	k.memory, k.at = kernel.Make[float32](k.at), 0
	r.layOut(k)

	c := &r.model.config
	n := min(c.most(tallestRouted), r.capacity)
	if r.together != ByRow { // decisions are for whole sequences
		n = r.capacity
	}
	k = &knife{n: n}
	for range 2 {
		r.hot = hot{h2: k.cut(c.Width), act: k.cut(stride(c.Inner)), dact: k.cut(c.Inner), du: k.cut(stride(c.inner()))}
		if k.memory == nil {
			k.memory, k.at = kernel.Make[float32](k.at), 0
		}
	}
	r.back = scratch{dz: r.back.dz, wide: r.back.wide}
}

func (r *Runner) layOut(k *knife) {
	c, p := &r.model.config, r.model.parts
	all := c.wide() + 2*c.narrow()
	for l := range r.blocks {
		s := saved{x: k.cut(c.Width), qkv: k.cut(all), o: k.cut(c.wide()), x2: k.cut(c.Width), u: k.cut(c.inner()),
			stat1: k.stats(c, 1), stat2: k.stats(c, 1), p: r.blocks[l].p, far: r.blocks[l].far, slope: r.blocks[l].slope}
		if c.Post {
			s.sum1, s.sum2 = k.cut(c.Width), k.cut(c.Width)
		} else {
			s.h1 = k.cut(c.Width)
		}
		if c.QKNorm {
			s.qk, s.qkStat = k.cut(all-c.narrow()), k.stats(c, c.Heads+c.KVHeads)
		}
		r.blocks[l] = s
	}
	r.tail = k.cut(c.Width)
	if p.embedNorm != nil {
		r.entry.x, r.entry.stat = k.cut(c.Width), k.stats(c, 1)
	}
}

// PlaceBytes is about what a [Runner] keeps of each place of a batch, in every block, for the
// way back: whoever only goes forward, and may choose, makes his batches small by it.
func (m *Model) PlaceBytes() int {
	c, k := m.config, &knife{n: 1}
	r := &Runner{model: m, blocks: make([]saved, len(m.parts.blocks))}
	r.layOut(k)
	if p := m.pair; p != nil { // a place is in one stack; the decoder's has more to keep
		k.at = max(len(p.encoder), len(p.decoder)) * (2*c.Width + 4*c.wide() + c.inner())
	}
	return 4 * k.at
}

// inner is the width of what goes into the activation.
func (c *Config) inner() int {
	if c.Gated {
		return 2 * c.Inner
	}
	return c.Inner
}

// reserveBack cuts the memory of the way back, which evaluation never needs.
func (r *Runner) reserveBack() {
	if r.back.dx != nil {
		return
	}
	c, b := &r.model.config, &r.back
	k := &knife{n: r.capacity}
	for range 2 {
		b.dx, b.dh, b.do, b.dqkv = k.cut(c.Width), k.cut(c.Width), k.cut(c.wide()), k.cut(c.wide()+2*c.narrow())
		if k.memory == nil {
			k.memory, k.at = kernel.Make[float32](k.at), 0
		}
	}
	b.head = make([]float32, c.wide()+c.narrow())
}

// reserveForks makes room for the slopes of gates that fork, which only learning needs.
func (r *Runner) reserveForks() {
	for l := range r.blocks {
		if r.forks(&r.model.parts.blocks[l]) {
			grow(&r.blocks[l].slope, r.capacity*stride(r.model.config.Inner))
		}
	}
}

// grow makes a slice at least n long; what it held is lost.
func grow[T any](s *[]T, n int) {
	if cap(*s) < n {
		*s = kernel.Make[T](n)
	}
	*s = (*s)[:n]
}
