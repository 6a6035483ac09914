//go:build amd64 && !purego

package kernel

import "unsafe"

// Packers of w rows to panels of k rows, one behind the other. Nobody looks at what is right
// of the last column.

func packNT32(dst unsafe.Pointer, b operand, k, w int) { transposed[float32](dst, b, k, 0, w) }

// turnArgs is what the kernel works by that turns rows to halves of panels; tools/asm knows its
// layout.
type turnArgs struct {
	halves, rounds int
	from           unsafe.Pointer
	fromRow        uintptr
	to             unsafe.Pointer
	rest           int
	over, next     uintptr
}

// packNT512 turns blocks of 16 rows in registers, and the rows left over one by one.
func packNT512(dst unsafe.Pointer, b operand, k, w int) {
	if w >= 16 {
		var t turnArgs
		t.halves, t.rounds, t.rest = w/16, k/16, k%16
		t.from, t.fromRow, t.to = b.p, b.stride, dst
		t.over, t.next = panelBytes/2, uintptr(k)*panelBytes-panelBytes/2
		turn16((*byte)(hide(unsafe.Pointer(&t))))
	}
	if w%16 > 0 {
		transposed[float32](dst, b, k, w&^15, w)
	}
}

func packNT64(dst unsafe.Pointer, b operand, k, w int) { transposed[float64](dst, b, k, 0, w) }

// transposed packs rows lo…hi−1.
func transposed[T float32 | float64](dst unsafe.Pointer, b operand, k, lo, hi int) {
	var item T
	size := unsafe.Sizeof(item)
	columns := int(panelBytes / size)
	for j := lo; j < hi; j++ {
		row := unsafe.Slice((*T)(unsafe.Add(b.p, uintptr(j)*b.stride)), k)
		to := unsafe.Add(dst, j/columns*k*panelBytes+j%columns*int(size))
		for i, x := range row {
			*(*T)(unsafe.Add(to, uintptr(i)*panelBytes)) = x
		}
	}
}

// packNN copies a panel's part of each row.
func (f *machine) packNN(dst unsafe.Pointer, b operand, k, w int) {
	f.copyRows(operand{dst, panelBytes}, b, k, uintptr(w)*f.item)
}

// copying is what the kernel that copies rows works by; tools/asm knows its layout.
type copying struct {
	rows    int
	from    unsafe.Pointer
	fromRow uintptr
	to      unsafe.Pointer
	toRow   uintptr
	lines   uintptr
	mask    uintptr
}

// copyRows copies rows of so many bytes. What is right of them, to the end of a line of 64
// bytes, becomes zeros.
func (f *machine) copyRows(to, from operand, rows int, bytes uintptr) {
	if rows == 0 || bytes == 0 {
		return
	}
	words := (bytes-1)%64/4 + 1 // of the last line
	c := copying{rows, from.p, from.stride, to.p, to.stride, (bytes - 1) / 64, 1<<words - 1}
	if !f.wide {
		c.mask = uintptr(unsafe.Pointer(&masks[16-words]))
	}
	f.copy((*byte)(hide(unsafe.Pointer(&c))))
}
