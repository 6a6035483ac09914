//go:build amd64 && !purego

package kernel

import (
	"math/bits"
	"unsafe"
)

// tile is what a kernel of assembly works by; tools/asm knows its layout. It describes
// count tiles of rows below one another, in one group of columns. The kernels move only
// the offsets, so that no pointer ever leaves its object.
type tile struct {
	k              int
	a              unsafe.Pointer
	aRow, aTile    uintptr
	b              unsafe.Pointer
	bStep, bPanel  uintptr
	c              unsafe.Pointer
	cRow           uintptr
	from           unsafe.Pointer
	fromRow        uintptr
	mask           uintptr
	count          int
	bias           unsafe.Pointer
	k2             int
	a2             unsafe.Pointer
	a2Row          uintptr
	b2             unsafe.Pointer
	b2Panel        uintptr
	aOff, cOff     uintptr
	fromOff, a2Off uintptr
	aLine          uintptr
	kGrow          int // of stairs alone: see stairs_amd64.go
	bTile, bOff    uintptr
	times          unsafe.Pointer
	timesRow       uintptr
	timesOff       uintptr

	groups, again                    int // of tiles, and tiles of each: see leap
	aNext, bNext, cNext, fromNext    uintptr
	a2Next, timesNext                uintptr
	kNext                            int
	b2Next, biasNext, b2Off, biasOff uintptr
	fork                             unsafe.Pointer
	forkRow, forkOff, forkNext       uintptr
	apart                            uintptr
	soon                             [6]uintptr // the kernel's own
}

// operand is a matrix as the kernels see it; stride is in bytes.
type operand struct {
	p      unsafe.Pointer
	stride uintptr
}

// sight takes the matrix where it is: a copy of one waits for the stores that made it.
func (m *Matrix) sight() operand {
	return operand{unsafe.Pointer(unsafe.SliceData(m.Data)), uintptr(m.Stride) * 4}
}

func sight64(m Matrix64) operand {
	return operand{unsafe.Pointer(unsafe.SliceData(m.Data)), uintptr(m.Stride) * 8}
}

// at is element (i, j), for numbers of item bytes.
func (o operand) at(i, j int, item uintptr) unsafe.Pointer {
	return unsafe.Add(o.p, uintptr(i)*o.stride+uintptr(j)*item)
}

// panelBytes is a row of a panel: 32 float32 or 16 float64.
const panelBytes = 4 * width

// sweep fills m rows of w columns, starting where t points, going group by group of
// columns with all rows in each, so that a panel stays in the first cache. t.b is the
// first of panels that lie bPanel bytes apart, readable to the end of the last. t is used up.
func (f *machine) sweep(t *tile, columns bool, m, w int) {
	if !columns && t.aRow%way == 0 && m > 6 && t.k <= deep {
		f.sweepCopied(t, m, w)
	} else {
		f.sweepInPlace(t, columns, m, w)
	}
}

// way is the distance of addresses that compete for the same lines of the first cache.
const way = 4096

// sweepCopied is for rows of a that lie a multiple of way apart, and would drive each
// other out of the first cache: two tiles of them at a time are copied to a row's width
// and a line.
//
//go:noinline
func (f *machine) sweepCopied(t *tile, m, w int) {
	const room = 28 * (deep*4 + 128) // two tiles of float32
	var buf [room / 8]uint64
	bytes := uintptr(t.k) * f.item
	for i, n := 0, 0; i < m; i += n {
		part := *t
		part.a, part.aRow = hide(unsafe.Pointer(&buf)), (bytes+63)/64*64+64
		n = min(room/int(part.aRow), m-i)
		f.copyRows(operand{part.a, part.aRow}, operand{unsafe.Add(t.a, uintptr(i)*t.aRow), t.aRow}, n, bytes)
		part.down(uintptr(i))
		f.sweepInPlace(&part, false, n, w)
	}
}

func (f *machine) sweepInPlace(t *tile, columns bool, m, w int) {
	table, row := f.rows, t.aRow
	if columns {
		table, row = f.cols, f.item
	}
	next := leap{}
	c, b, from, bias, b2, times, fork, apart, apart2 := t.c, t.b, t.from, t.bias, t.b2, t.times, t.fork, t.bPanel, t.b2Panel
	for done := 0; done < w; {
		vecs := f.group(table, m, w-done)
		at := uintptr(done) * f.item
		t.c = unsafe.Add(c, at)
		t.b = unsafe.Add(b, at/panelBytes*apart+at%panelBytes>>f.narrow)
		if from != nil {
			t.from = unsafe.Add(from, at)
		}
		if t.k2 > 0 {
			t.b2 = unsafe.Add(b2, at/panelBytes*apart2+at%panelBytes)
		}
		if times != nil {
			t.times = unsafe.Add(times, at)
		}
		if fork != nil {
			t.fork = unsafe.Add(fork, at)
		}
		wide := f.columns(vecs)
		t.mask = f.mask(vecs, w-done)
		if bias != nil {
			t.bias = unsafe.Add(bias, at)
		}
		if !f.wide {
			t.bPanel, t.b2Panel = panelBytes/2>>f.narrow, panelBytes/2
			if bias != nil && t.mask != 0 { // these are the last columns
				f.edge(t, table[vecs], m, row, w-done)
				return
			}
		}
		stack := table[vecs]
		high, tiles := heights(m, len(stack))
		if high*tiles != m {
			f.stack(t, stack, m, row)
			done += wide
			continue
		}
		bytes := uintptr(wide) * f.item
		next.groups = f.alike(t.k+t.k2, m, wide, w-done)
		next.b, next.c, next.b2 = bytes/panelBytes*apart, bytes, bytes/panelBytes*apart2
		f.run(t, stack[high-1], high, tiles, row, &next)
		done += next.groups * wide
	}
}

// edge runs the last columns where AVX2 would read four vectors of the bias without a mask.
//
//go:noinline
func (f *machine) edge(t *tile, table []func(*byte), m int, row uintptr, w int) {
	var bias [16]uint64
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&bias)), len(bias)*8), unsafe.Slice((*byte)(t.bias), uintptr(w)*f.item))
	t.bias = hide(unsafe.Pointer(&bias))
	f.stack(t, table, m, row)
}

// heights cuts m rows into as few tiles as there must be, of at most so many rows: how high
// each is, one row more of the first ones where they are uneven, and how many there are.
func heights(m, most int) (high, tiles int) {
	switch {
	case m <= most:
		return m, 1
	case m <= 2*most: // so many tokens are few, and a division then costs as much as the rest
		return int(uint(m) / 2), 2
	}
	tiles = int(uint32(m+most-1) / uint32(most)) // half as slow as of 64 bits
	return int(uint32(m) / uint32(tiles)), tiles
}

// alike is how many of the groups of columns to come run in one call: those that are whole
// panels and need no mask, as far as the call stays short.
func (f *machine) alike(k, m, wide, left int) int {
	if wide*int(f.item)%panelBytes != 0 {
		return 1
	}
	const most = 1 << 22 // multiply-adds, where rows are enough not to wait for memory
	groups, each := left>>bits.TrailingZeros(uint(wide)), max(m, 16)*wide*max(1, k)
	if groups*each > most {
		groups = most / each
	}
	return max(1, groups)
}

// group is how many vectors wide the next group of columns is: few rows take more of
// them, to have sums enough in flight. 0 is half a vector.
func (f *machine) group(table *kernels, m, left int) int {
	switch {
	case m <= len(table[8]) && left > f.full(8)*f.lanes:
		return 8
	case m <= len(table[4]) && left > f.full(4)*f.lanes:
		return 4
	case left <= f.lanes/2 && table[0] != nil:
		return 0
	case left <= f.lanes && table[1] != nil:
		return 1
	}
	return 2
}

// columns is how many columns so many vectors have, 0 standing for half of one.
func (f *machine) columns(vecs int) int {
	if vecs == 0 {
		return f.lanes / 2
	}
	return vecs * f.lanes
}

// full is how many vectors of a group are never masked.
func (f *machine) full(vecs int) int {
	if f.wide {
		return vecs - 1
	}
	return vecs - 2
}

// mask hides what lies beyond the last column.
func (f *machine) mask(vecs, left int) uintptr {
	n := left - max(0, f.full(vecs))*f.lanes
	if f.wide {
		return 1<<min(n, f.lanes) - 1
	}
	if n >= 2*f.lanes {
		return 0
	}
	return uintptr(unsafe.Pointer(&masks[16-n*int(f.item)/4]))
}

// masks are 16 words of ones and then 16 of zeros: a window on it is a mask of AVX2.
var masks = [32]uint32{^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0),
	^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0)}

// stack runs the tiles that make up m rows: those that are a row higher, then the others.
func (f *machine) stack(t *tile, table []func(*byte), m int, row uintptr) {
	high, tiles := heights(m, len(table))
	more := m - high*tiles
	if more == 0 {
		f.run(t, table[high-1], high, tiles, row, &once)
		return
	}
	c, a, a2, from, times, fork := t.c, t.a, t.a2, t.from, t.times, t.fork
	f.run(t, table[high], high+1, more, row, &once)
	below := uintptr(more * (high + 1))
	t.a = unsafe.Add(a, below*row)
	t.down(below)
	f.run(t, table[high-1], high, tiles-more, row, &once)
	t.c, t.a, t.a2, t.from, t.times, t.fork = c, a, a2, from, times, fork
}

// down goes so many rows down in all but a, whose rows may be columns or have been copied.
func (t *tile) down(rows uintptr) {
	t.c = unsafe.Add(t.c, rows*t.cRow)
	if t.from != nil {
		t.from = unsafe.Add(t.from, rows*t.fromRow)
	}
	if t.k2 > 0 {
		t.a2 = unsafe.Add(t.a2, rows*t.a2Row)
	}
	if t.times != nil {
		t.times = unsafe.Add(t.times, rows*t.timesRow)
	}
	if t.fork != nil {
		t.fork = unsafe.Add(t.fork, rows*t.forkRow)
	}
}

// leap says how many groups of tiles a call makes, one after the other, and by how many
// bytes each begins after the one before: groups of columns of a product, or the heads of
// attention. What a chain begins at, is multiplied by or gets added lies as c does.
type leap struct {
	groups      int
	a, b, c, b2 uintptr
}

// once is a single group.
var once = leap{groups: 1}

// run makes count tiles of so many rows, for each group.
func (f *machine) run(t *tile, kernel func(*byte), rows, count int, row uintptr, next *leap) {
	t.count, t.aTile, t.groups = count, uintptr(rows)*row, next.groups
	t.aOff, t.bOff, t.cOff, t.fromOff, t.a2Off, t.timesOff, t.forkOff, t.b2Off, t.biasOff = 0, 0, 0, 0, 0, 0, 0, 0, 0
	t.aLine = 64 - 16*row
	if next.groups > 1 {
		down := uintptr(count * rows)
		t.again, t.kNext = count, -count*t.kGrow
		t.aNext, t.bNext = next.a-down*row, next.b-uintptr(count)*t.bTile
		t.cNext, t.fromNext, t.timesNext = next.c-down*t.cRow, next.c-down*t.fromRow, next.c-down*t.timesRow
		t.forkNext = next.c - down*t.forkRow
		t.a2Next, t.b2Next, t.biasNext = -down*t.a2Row, next.b2, next.c
	}
	kernel((*byte)(hide(unsafe.Pointer(t))))
}

// hide keeps a pointer from the escape analysis, which does not know what is called
// through a table: the kernels keep no pointer. Nothing may be called between the two
// lines, not even what checks pointers under the race detector: a call may move the stack,
// and x would stay behind.
//
//go:nocheckptr
func hide(p unsafe.Pointer) unsafe.Pointer {
	x := uintptr(p)
	return *(*unsafe.Pointer)(unsafe.Pointer(&x))
}
