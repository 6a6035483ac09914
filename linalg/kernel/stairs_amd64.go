//go:build amd64 && !purego

package kernel

import "unsafe"

// The products of causal attention are stairs: each query sees one key more than the one
// before it. Tiles of rows that are stairs run in one call of a kernel, which moves on from
// tile to tile not only in a and c, but also in the length of the shared side and in b.

// stairs is a product over some rows, each with its own share of the shared side.
type stairs struct {
	tile
	columns bool
	m, w    int     // rows and columns of the result
	first   int     // places of the shared side that the first row has,
	grow    int     // and how many more each further one
	aDown   uintptr // bytes that a row's share begins further on than the row's before it,
	bDown   uintptr // in a and in b
	heads   leap    // how the heads follow upon one another
}

// run goes group by group of columns, some rows at a time.
func (s *stairs) run(f *machine) {
	table := f.rows
	if s.columns {
		table = f.cols
	}
	s.bPanel = panelBytes
	if !f.wide {
		s.bPanel = panelBytes / 2
	}
	for done := 0; done < s.w; {
		vecs := f.group(table, s.m, s.w-done)
		kernels, at := table[vecs], uintptr(done)*f.item
		for i, m := 0, 0; i < s.m; i += m {
			m = f.rowsAtOnce(s.m - i)
			high, tiles := heights(m, len(kernels))
			more := m - high*tiles
			s.flight(f, kernels, i, high+1, more, at, f.mask(vecs, s.w-done))
			s.flight(f, kernels, i+more*(high+1), high, tiles-more, at, f.mask(vecs, s.w-done))
		}
		done += f.columns(vecs)
	}
}

// flight runs count tiles of so many rows from row i on.
func (s *stairs) flight(f *machine, kernels []func(*byte), i, rows, count int, at, mask uintptr) {
	if count == 0 {
		return
	}
	t, down := s.tile, uintptr(i)
	longest := i // the row of a tile that shares most: where rows grow, the last
	if s.grow > 0 {
		longest += rows - 1
	}
	t.k, t.kGrow = s.first+s.grow*longest, s.grow*rows
	t.a, t.b, t.bTile = unsafe.Add(t.a, down*s.aDown), unsafe.Add(t.b, down*s.bDown+at), uintptr(rows)*s.bDown
	t.c = unsafe.Add(t.c, down*t.cRow+at)
	if t.from != nil {
		t.from = t.c
	}
	t.mask = mask
	f.run(&t, kernels[rows-1], rows, count, s.aDown, &s.heads)
}

// across is from one head to the next, so wide, in the rows of m; none if there is one.
func across(m *Matrix, width int) uintptr {
	if m.Cols == width {
		return 0
	}
	return 4 * uintptr(width)
}

// gather is o = p·v, row i of a head's p reaching over n+i·grow numbers; what follows is
// zeros.
func (f *machine) gather(o, p, v Matrix, heads, n, grow int) {
	from, right, to, d := p.sight(), v.sight(), o.sight(), o.Cols/heads
	s := stairs{m: o.Rows, w: d, first: n, grow: grow, aDown: from.stride,
		tile:  tile{a: from.p, aRow: from.stride, b: right.p, bStep: right.stride, c: to.p, cRow: to.stride},
		heads: leap{groups: heads, a: uintptr(o.Rows) * from.stride, b: across(&v, d), c: across(&o, d)}}
	s.run(f)
}

// scatter is dv = pᵀ·do, and with add added to dv, row i of a head's p reaching over n+i·grow
// numbers.
func (f *machine) scatter(dv, p, do Matrix, heads, n, grow int, add bool) {
	from, right, to, d, rows := p.sight(), do.sight(), dv.sight(), do.Cols/heads, do.Rows
	t := tile{a: from.p, aRow: from.stride, b: right.p, bStep: right.stride, c: to.p, cRow: to.stride, fromRow: to.stride}
	if add {
		t.from = t.c
	}
	level := stairs{tile: t, columns: true, m: n, w: d, first: rows, aDown: 4, // what all rows reach over
		heads: leap{groups: heads, a: uintptr(rows) * from.stride, b: across(&do, d), c: across(&dv, d)}}
	if grow == 0 {
		level.run(f)
		return
	}
	down := level
	level.m--
	level.run(f)
	down.a, down.c, down.m = from.at(0, n-1, 4), to.at(n-1, 0, 4), rows
	down.grow, down.aDown, down.bDown = -1, 4+from.stride, right.stride
	down.run(f)
}

// scores is p = q·kᵀ, panel by panel of keys, each for the queries that see any of it.
func (f *machine) scores(p, q, k Matrix, heads int, see Sight) {
	if q.Cols <= 16 {
		f.scores16(&p, &q, &k, heads, &see)
	} else {
		f.scores64(&p, &q, &k, heads, &see)
	}
}

// The buffers for panels' parts are chosen no larger than needed, since they are cleared.

//go:noinline
func (f *machine) scores16(p, q, k *Matrix, heads int, see *Sight) {
	var buf [16 * panelBytes / 8]uint64
	f.panelScores(p, q, k, heads, see, hide(unsafe.Pointer(&buf)), 16)
}

//go:noinline
func (f *machine) scores64(p, q, k *Matrix, heads int, see *Sight) {
	var buf [64 * panelBytes / 8]uint64
	f.panelScores(p, q, k, heads, see, hide(unsafe.Pointer(&buf)), 64)
}

// panelScores takes as many heads at a time as the buffer has room for, or part of one.
func (f *machine) panelScores(p, q, k *Matrix, heads int, see *Sight, buf unsafe.Pointer, most int) {
	to, left, right, d := p.sight(), q.sight(), k.sight(), q.Cols/heads
	room, apart := uintptr(d)*panelBytes, across(k, d)
	if apart == 0 {
		room = 0 // one panel is for all heads
	}
	for j := 0; j < p.Cols; j += width {
		w := min(width, p.Cols-j)
		lo, hi := see.watchers(j, j+w, q.Rows)
		if lo == hi {
			continue // of these keys nobody asks, and row lo may be none
		}
		for h, n := 0, 0; h < heads; h += n {
			n = min(heads-h, max(1, most/d))
			s := stairs{m: hi - lo, w: w, aDown: left.stride, heads: leap{groups: n, a: 4 * uintptr(d), b: room, c: uintptr(q.Rows) * to.stride},
				tile: tile{aRow: left.stride, b: buf, bStep: panelBytes, c: to.at(h*q.Rows+lo, j, 4), cRow: to.stride, fromRow: to.stride}}
			for k0 := 0; k0 < d; k0 += s.first {
				s.first = pass(d-k0, most)
				for i := range uintptr(n) {
					key := operand{unsafe.Add(right.at(j, k0, 4), (uintptr(h)+i)*apart), right.stride}
					f.packNT(unsafe.Add(buf, i*room), key, s.first, w)
					if room == 0 {
						break
					}
				}
				s.a = left.at(lo, h*d+k0, 4)
				if k0 > 0 {
					s.from = s.c
				}
				s.run(f)
			}
		}
	}
}
