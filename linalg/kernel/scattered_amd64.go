//go:build amd64 && !purego

package kernel

import "unsafe"

// scatterArgs is what the kernels that add to rows work by; tools/asm knows its layout.
type scatterArgs struct {
	k             int
	a             unsafe.Pointer
	aRow          uintptr
	b             unsafe.Pointer
	bPanel        uintptr
	c             unsafe.Pointer
	cRow          uintptr
	list          unsafe.Pointer
	mask          uintptr
	count         int
	aOff, listOff uintptr
}

// fastAddRows goes group by group of columns with all rows in each, so that the group's
// panels stay in the first cache.
func (p *Panels) fastAddRows(c Matrix, rows []int32, a Matrix) bool {
	if fast == nil {
		return false
	}
	fast.addRows(p, c, rows, a)
	return true
}

func (f *machine) addRows(p *Panels, c Matrix, rows []int32, a Matrix) {
	table, to, left := &scatter512, c.sight(), a.sight()
	t := scatterArgs{k: p.K, aRow: left.stride, bPanel: uintptr(p.K) * panelBytes, cRow: to.stride}
	if !f.wide {
		table, t.bPanel = &scatter256, panelBytes/2
	}
	block := max(12, long/p.K) // no call is long
	for done := 0; done < c.Cols; {
		vecs := f.group(table, 1, c.Cols-done)
		t.b = unsafe.Pointer(&p.data[done/width*p.K*width+done%width])
		t.c = to.at(0, done, 4)
		t.mask = f.mask(vecs, c.Cols-done)
		for i := 0; i < len(rows); i += block {
			t.a, t.list = left.at(i, 0, 4), unsafe.Pointer(&rows[i])
			t.stack(table[vecs], min(block, len(rows)-i))
		}
		done += vecs * f.lanes
	}
}

// stack is that of thinArgs.
func (t *scatterArgs) stack(kernels []func(*byte), m int) {
	full := len(kernels)
	t.aOff, t.listOff = 0, 0
	if t.count = m / full; t.count > 0 {
		kernels[full-1]((*byte)(hide(unsafe.Pointer(t))))
	}
	if rest := m % full; rest > 0 {
		t.count = 1
		kernels[rest-1]((*byte)(hide(unsafe.Pointer(t))))
	}
}

// askArgs is what ask works by; tools/asm knows its layout.
type askArgs struct {
	p     unsafe.Pointer
	lines int
}

func fastAsk(x []float32) {
	if fast == nil {
		return
	}
	t := askArgs{unsafe.Pointer(&x[0]), (len(x)*4 + 63) / 64}
	ask((*byte)(hide(unsafe.Pointer(&t))))
}

var one = [1]float32{1}

// fastThinRows is fastThin for rows that a list names.
func fastThinRows(z, x Matrix, rows []int32, a Matrix, scale float32, times []float32) bool {
	if fast == nil {
		return false
	}
	fast.thinRows(z, x, rows, a, scale, times)
	return true
}

func (f *machine) thinRows(z, x Matrix, rows []int32, a Matrix, scale float32, times []float32) {
	table := listed512[:]
	if !f.wide {
		table = listed256[:]
	}
	from, right, to := x.sight(), a.sight(), z.sight()
	t := thinArgs{n: x.Cols, x: from.p, xRow: from.stride, aRow: right.stride, zRow: to.stride, scale: scale}
	block := max(24, 1<<18/max(1, x.Cols)) // as thin has them
	for i := 0; i < len(rows); i += block {
		m := min(block, len(rows)-i)
		t.list, t.times = unsafe.Pointer(&rows[i]), unsafe.Pointer(&one[0])
		if times != nil {
			t.times, t.timesStep = unsafe.Pointer(&times[i]), 4
		}
		for j, cols := 0, 0; j < z.Cols; j += cols {
			cols = min(z.Cols-j, len(table)-1)
			t.a, t.z = right.at(j, 0, 4), to.at(i, j, 4)
			t.stack(table[cols], m)
		}
	}
}

// scatter512 are the kernels that add to rows by vectors, then rows from 1.
var scatter512 = kernels{
	1: {scatter1x1v512, scatter2x1v512, scatter3x1v512, scatter4x1v512},
	2: {scatter1x2v512, scatter2x2v512, scatter3x2v512, scatter4x2v512},
	4: {scatter1x4v512, scatter2x4v512, scatter3x4v512, scatter4x4v512},
	8: {scatter1x8v512, scatter2x8v512, scatter3x8v512},
}

// scatter256 are those of AVX2.
var scatter256 = kernels{
	2: {scatter1x2v256, scatter2x2v256, scatter3x2v256, scatter4x2v256},
	4: {scatter1x4v256, scatter2x4v256, scatter3x4v256},
}

// listed512 are thin kernels of listed rows by columns, then rows from 1.
var listed512 = [...][]func(*byte){
	1: {listed1x1v512, listed2x1v512, listed3x1v512, listed4x1v512, listed5x1v512, listed6x1v512},
	2: {listed1x2v512, listed2x2v512, listed3x2v512, listed4x2v512, listed5x2v512, listed6x2v512},
	3: {listed1x3v512, listed2x3v512, listed3x3v512, listed4x3v512, listed5x3v512, listed6x3v512},
	4: {listed1x4v512, listed2x4v512, listed3x4v512, listed4x4v512, listed5x4v512, listed6x4v512},
	5: {listed1x5v512, listed2x5v512, listed3x5v512, listed4x5v512},
	6: {listed1x6v512, listed2x6v512, listed3x6v512, listed4x6v512},
	7: {listed1x7v512, listed2x7v512, listed3x7v512},
	8: {listed1x8v512, listed2x8v512, listed3x8v512},
}

// listed256 are those of AVX2.
var listed256 = [...][]func(*byte){
	1: {listed1x1v256, listed2x1v256, listed3x1v256, listed4x1v256},
	2: {listed1x2v256, listed2x2v256},
	3: {listed1x3v256},
	4: {listed1x4v256},
}
