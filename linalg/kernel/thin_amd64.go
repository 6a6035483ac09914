//go:build amd64 && !purego

package kernel

import "unsafe"

// thinArgs is what a thin kernel of assembly works by; tools/asm knows its layout.
type thinArgs struct {
	n           int
	x           unsafe.Pointer
	xRow        uintptr
	a           unsafe.Pointer
	aRow        uintptr
	z           unsafe.Pointer
	zRow        uintptr
	count       int
	xOff, zOff  uintptr
	scale       float32
	list, times unsafe.Pointer
	timesStep   uintptr
	listOff     uintptr
	timesOff    uintptr
}

func fastThin(z, x, a Matrix, scale float32) bool {
	if fast == nil {
		return false
	}
	fast.thin(z, x, a, scale)
	return true
}

func (f *machine) thin(z, x, a Matrix, scale float32) {
	if z.Rows == 0 || z.Cols == 0 {
		return
	}
	table := thin512[:]
	if !f.wide {
		table = thin256[:]
	}
	from, right, to := x.sight(), a.sight(), z.sight()
	t := thinArgs{n: x.Cols, xRow: from.stride, aRow: right.stride, zRow: to.stride, scale: scale}
	// Rows are taken in blocks, so that what is read of x for one group of columns is near
	// for the next, and so that no call is long.
	block := min(x.Rows, max(24, 1<<18/max(1, x.Cols)))
	for i := 0; i < x.Rows; i += block {
		m := min(block, x.Rows-i)
		for j, cols := 0, 0; j < z.Cols; j += cols {
			cols = min(z.Cols-j, len(table)-1)
			if x.Cols > 0 {
				t.a = right.at(j, 0, 4)
			}
			t.x, t.z = from.at(i, 0, 4), to.at(i, j, 4)
			t.stack(table[cols], m)
		}
	}
}

// stack runs the tiles that make up m rows: as many full ones as there are, then one.
func (t *thinArgs) stack(kernels []func(*byte), m int) {
	full := len(kernels)
	t.xOff, t.zOff, t.listOff, t.timesOff = 0, 0, 0, 0
	if t.count = m / full; t.count > 0 {
		kernels[full-1]((*byte)(hide(unsafe.Pointer(t))))
	}
	if rest := m % full; rest > 0 {
		t.count = 1
		kernels[rest-1]((*byte)(hide(unsafe.Pointer(t))))
	}
}

// thin512 are the kernels by columns, then rows from 1.
var thin512 = [...][]func(*byte){
	1: {thin1x1v512, thin2x1v512, thin3x1v512, thin4x1v512, thin5x1v512, thin6x1v512, thin7x1v512, thin8x1v512},
	2: {thin1x2v512, thin2x2v512, thin3x2v512, thin4x2v512, thin5x2v512, thin6x2v512, thin7x2v512, thin8x2v512},
	3: {thin1x3v512, thin2x3v512, thin3x3v512, thin4x3v512, thin5x3v512, thin6x3v512, thin7x3v512},
	4: {thin1x4v512, thin2x4v512, thin3x4v512, thin4x4v512, thin5x4v512, thin6x4v512},
	5: {thin1x5v512, thin2x5v512, thin3x5v512, thin4x5v512},
	6: {thin1x6v512, thin2x6v512, thin3x6v512, thin4x6v512},
	7: {thin1x7v512, thin2x7v512, thin3x7v512},
	8: {thin1x8v512, thin2x8v512, thin3x8v512},
}

// thin256 are the kernels by columns, then rows from 1.
var thin256 = [...][]func(*byte){
	1: {thin1x1v256, thin2x1v256, thin3x1v256, thin4x1v256},
	2: {thin1x2v256, thin2x2v256},
	3: {thin1x3v256},
	4: {thin1x4v256},
}
