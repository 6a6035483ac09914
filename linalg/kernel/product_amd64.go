//go:build amd64 && !purego

package kernel

import "unsafe"

// product is c = op(a)·op(b): c is m×n, the shared side k. With ta, a is stored k×m; with
// tb, b is stored n×k.
type product struct {
	c, a, b     operand
	m, n, k     int
	ta, tb, add bool

	half  unsafe.Pointer // panels of 16 bits, instead of b,
	widen func(*byte)    // and how they are widened
}

const (
	// deep is how many places of the shared side a pass takes: a panel of so many rows
	// stays in the first cache. Passes continue chains, so the bits do not depend on it.
	deep = 256
	// deepest is how many a pass over panels takes: they are read from the second cache in any
	// case, since the first has rows of a and of c to hold too, and a pass less reads and
	// writes c once less.
	deepest = 1024
	// tall is how many rows a pass takes: their part of a stays in the second cache, and a
	// call of a kernel, which cannot be preempted, stays short.
	tall = 168
	// inPlace is how many rows are few enough to read b where it lies, not packed.
	inPlace = 28
)

func (f *machine) product32(c, a, b *Matrix, ta, tb, add bool) {
	k := a.Cols
	if ta {
		k = a.Rows
	}
	p := product{m: c.Rows, n: c.Cols, k: k, ta: ta, tb: tb, add: add}
	p.c, p.a, p.b = c.sight(), a.sight(), b.sight()
	f.product(&p)
}

// product runs a product whose b is not packed beforehand. b is read in place if rows are
// few, else packed panel by panel to the stack, whose buffer is chosen no larger than
// needed, since it is cleared.
func (f *machine) product(p *product) {
	switch {
	case p.m == 0 || p.n == 0:
	case p.k == 0:
		if !p.add {
			for i := range p.m {
				clear(unsafe.Slice((*byte)(unsafe.Add(p.c.p, uintptr(i)*p.c.stride)), uintptr(p.n)*f.item))
			}
		}
	case f.isShallow(p):
		f.runShallow(p)
	case f.whole(p) == p.n:
		f.packing(p, nil, 1)
	case p.k <= 16 && p.m >= tall:
		f.packing16(p)
	case p.k <= 16:
		var buf [16 * panelBytes / 8]uint64
		f.packing(p, hide(unsafe.Pointer(&buf)), 1)
	case p.k <= 64:
		f.packing64(p)
	case p.m < 2*tall || p.n*int(f.item) <= panelBytes:
		f.packing256(p)
	default:
		f.packingMany(p)
	}
}

// packing16 packs all panels that there are before it goes over the rows: a short shared
// side is bound by the results it stores, which then are neighbours. It is for what has no
// kernels of its own, see shallow_amd64.go.
//
//go:noinline
func (f *machine) packing16(p *product) {
	const panels = 16
	var buf [panels * 16 * panelBytes / 8]uint64
	f.packing(p, hide(unsafe.Pointer(&buf)), panels)
}

//go:noinline
func (f *machine) packing64(p *product) {
	var buf [64 * panelBytes / 8]uint64
	f.packing(p, hide(unsafe.Pointer(&buf)), 1)
}

//go:noinline
func (f *machine) packing256(p *product) {
	var buf [deep * panelBytes / 8]uint64
	f.packing(p, hide(unsafe.Pointer(&buf)), 1)
}

// packingMany packs several panels at a time: where rows are many, their part of a is
// then fetched from afar, or copied, once for all of these.
//
//go:noinline
func (f *machine) packingMany(p *product) {
	const panels = 4
	var buf [panels * deep * panelBytes / 8]uint64
	f.packing(p, hide(unsafe.Pointer(&buf)), panels)
}

func (f *machine) packing(p *product, buf unsafe.Pointer, panels int) {
	columns := panelBytes / int(f.item)
	whole := f.whole(p)
	for k0, k := 0, 0; k0 < p.k; k0 += k {
		k = pass(p.k-k0, deep)
		if whole > 0 {
			f.block(p, p.b.at(k0, 0, f.item), p.b.stride, panelBytes, k0, k, 0, whole)
		}
		for j := whole; j < p.n; j += panels * columns {
			w := min(panels*columns, p.n-j)
			for o := 0; o < w; o += columns {
				f.panel(p, unsafe.Add(buf, o/columns*k*panelBytes), k0, k, j+o, min(columns, w-o))
			}
			f.block(p, buf, panelBytes, uintptr(k)*panelBytes, k0, k, j, w)
		}
	}
}

// panel packs columns j…j+w−1 of b, k places from k0.
func (f *machine) panel(p *product, dst unsafe.Pointer, k0, k, j, w int) {
	if p.half != nil {
		p.widenPanel(dst, k0, k, j)
	} else if p.tb {
		f.packNT(dst, operand{p.b.at(j, k0, f.item), p.b.stride}, k, w)
	} else {
		f.packNN(dst, operand{p.b.at(k0, j, f.item), p.b.stride}, k, w)
	}
}

// whole is how many columns of b are read where they lie: halves of panels, which the
// kernels read without a mask, or all there are where a single vector has them.
func (f *machine) whole(p *product) int {
	switch {
	case p.tb:
		return 0
	case f.wide && p.n <= f.lanes && (p.m <= inPlace || p.b.stride <= 4*panelBytes):
		return p.n
	case p.m > inPlace && !near(&p.b, p.k):
		return 0
	}
	return p.n &^ (panelBytes/int(f.item)/2 - 1)
}

// near is whether b's columns stay in the first cache panel by panel without being packed:
// rows that lie a power of two apart compete for its lines, and rows far apart for pages.
func near(b *operand, k int) bool {
	rows := uintptr(min(k, deep))
	apart := max(b.stride&-b.stride, panelBytes)
	return rows*apart <= 4*way && rows*b.stride <= 16*way
}

// pass cuts what is left into even passes of at most so many.
func pass(left, most int) int {
	if left <= most {
		return left
	}
	n := max(1, (left+most-1)/most)
	return (left + n - 1) / n
}

// rowsAtOnce is how many of the rows left a pass takes: whole tiles, as even as can be.
func (f *machine) rowsAtOnce(left int) int {
	if left <= tall {
		return left
	}
	tile := len(f.rows[2])
	return min(left, pass((left+tile-1)/tile, tall/tile)*tile)
}

// block runs all rows of columns j…j+w−1 over k places from k0.
func (f *machine) block(p *product, b unsafe.Pointer, bStep, bPanel uintptr, k0, k, j, w int) {
	var t tile
	for i, m := 0, 0; i < p.m; i += m {
		m = f.rowsAtOnce(p.m - i)
		t.k, t.b, t.bStep, t.bPanel = k, b, bStep, bPanel
		t.aRow, t.cRow, t.fromRow, t.c = p.a.stride, p.c.stride, p.c.stride, p.c.at(i, j, f.item)
		t.from = nil
		if p.add || k0 > 0 {
			t.from = t.c
		}
		if p.ta {
			t.a = p.a.at(k0, i, f.item)
		} else {
			t.a = p.a.at(i, k0, f.item)
		}
		f.sweep(&t, p.ta, m, w)
	}
}

// mul is MulCols: the panels are there, so rows can be the outer loop.
func (f *machine) mul(p *Panels, c, a *Matrix, lo, hi int, e *Epilogue) {
	if f.mulAtOnce(p, c, a, lo, hi, e) {
		return
	}
	to, from, left := c.sight(), e.Onto.sight(), a.sight()
	right := operand{unsafe.Pointer(unsafe.SliceData(p.data)), panelBytes >> f.narrow}
	if f.narrow > 0 {
		right.p = unsafe.Pointer(unsafe.SliceData(p.half))
	}
	most := deepest
	if left.stride%way == 0 { // rows of a are copied to the stack, see sweep
		most = deep
	}
	if c.Rows <= fewRows { // each number of a panel is read once: no pass need end for it to stay
		most = max(1, p.K)
	}
	if e.Add {
		from = to
	}
	var t tile
	t.aRow, t.cRow, t.bStep = left.stride, to.stride, right.stride
	for i, m := 0, 0; i < c.Rows; i += m {
		m = f.rowsAtOnce(c.Rows - i)
		t.k2, t.bias, t.times, t.fork = 0, nil, nil, nil
		t.from, t.fromRow = nil, from.stride
		if from.p != nil {
			t.from = from.at(i, 0, 4)
		}
		for k0, k := 0, 0; k0 < max(1, p.K); k0 += max(1, k) {
			k = pass(p.K-k0, most)
			t.k, t.a, t.c = k, left.at(i, k0, 4), to.at(i, 0, 4)
			t.b, t.bPanel = right.at(lo/width*p.K+k0, 0, 4), uintptr(p.K)*right.stride
			if k0 > 0 {
				t.from, t.fromRow = t.c, t.cRow
			}
			if k0+k == p.K { // the last pass
				t.finish(e, i)
			}
			f.sweep(&t, false, m, hi-lo)
		}
	}
}

// mulAtOnce is mul where one call of one kernel does it all, and is whether it did: whole panels,
// and rows that make even tiles, as the products of a step of few tokens are, which take no longer
// than finding out what else might be.
func (f *machine) mulAtOnce(p *Panels, c, a *Matrix, lo, hi int, e *Epilogue) bool {
	m, w, k := c.Rows, hi-lo, p.K
	if !f.wide || w%width != 0 || m <= len(f.rows[4]) || m > tall || k > deep || k == 0 || a.Stride*4%way == 0 {
		return false
	}
	var t tile
	t.finish(e, 0)
	stack := f.rows[2]
	high, tiles := heights(m, len(stack))
	if high*tiles != m || f.alike(k+t.k2, m, width, w) < w/width {
		return false
	}
	t.k, t.a, t.aRow = k, unsafe.Pointer(&a.Data[0]), uintptr(a.Stride)*4
	right := operand{unsafe.Pointer(unsafe.SliceData(p.data)), panelBytes >> f.narrow}
	if f.narrow > 0 {
		right.p = unsafe.Pointer(unsafe.SliceData(p.half))
	}
	t.b, t.bStep, t.bPanel = right.at(lo/width*k, 0, 4), right.stride, uintptr(k)*right.stride
	t.c, t.cRow = unsafe.Pointer(&c.Data[0]), uintptr(c.Stride)*4
	if e.Add {
		t.from, t.fromRow = t.c, t.cRow
	} else if e.Onto.Data != nil {
		t.from, t.fromRow = unsafe.Pointer(&e.Onto.Data[0]), uintptr(e.Onto.Stride)*4
	}
	t.mask = 1<<f.lanes - 1
	f.run(&t, stack[high-1], high, tiles, t.aRow, &leap{groups: w / width, b: t.bPanel, c: panelBytes, b2: t.b2Panel})
	return true
}

// finish says what becomes of rows from i on after the chain.
func (t *tile) finish(e *Epilogue, i int) {
	if e.Low != nil && e.Low.K > 0 {
		low := e.LowIn.sight()
		t.k2, t.a2, t.a2Row = e.Low.K, low.at(i, 0, 4), low.stride
		t.b2, t.b2Panel = unsafe.Pointer(&e.Low.data[0]), uintptr(e.Low.K)*panelBytes
	}
	if e.Bias != nil {
		t.bias = unsafe.Pointer(&e.Bias[0])
	}
	if e.Times.Data != nil {
		times := e.Times.sight()
		t.times, t.timesRow = times.at(i, 0, 4), times.stride
	}
	if e.Fork.Data != nil {
		fork := e.Fork.sight()
		t.fork, t.forkRow, t.apart = fork.at(i, 0, 4), fork.stride, uintptr(e.Fork.Cols/2)*4
	}
}

// thinnest is how many columns are few enough to make a transposed product with long rows
// and to turn it afterwards: else most lanes would be empty.
const thinnest = 12

// turns is whether so many columns are turned: not where half a vector has them.
func (f *machine) turns(cols int) bool {
	return cols <= thinnest && (cols > f.lanes/2 || f.rows[0] == nil)
}

// turning is how long the shared side must be for the turning to cost less than empty lanes.
const turning = 48

// turned is c = aᵀ·b for a narrow b, as (bᵀ·a)ᵀ, by blocks of c's rows. The bits are those of
// the plain way, since the factors of a product commute.
func (f *machine) turned(c, a, b *Matrix, add bool) {
	const block = 128
	var room [thinnest * block]float32
	buf := unsafe.Slice((*float32)(hide(unsafe.Pointer(&room))), len(room))
	for lo := 0; lo < c.Rows; lo += block {
		hi := min(lo+block, c.Rows)
		to := c.RowRange(lo, hi)
		t := Of(buf[:c.Cols*to.Rows], c.Cols, to.Rows)
		if add {
			turn(t, to)
		}
		part := a.ColRange(lo, hi)
		f.product32(&t, b, &part, true, false, add)
		turn(to, t)
	}
}

// turn is to = fromᵀ.
func turn(to, from Matrix) {
	for i := range to.Rows {
		row := to.Row(i)
		for j := range row {
			row[j] = from.Data[j*from.Stride+i]
		}
	}
}
