//go:build amd64 && !purego

package kernel

import "unsafe"

// Packers to a panel of k rows. Nobody looks at what is right of w columns.

func packNT32(dst unsafe.Pointer, b operand, k, w int) { transposed[float32](dst, b, k, w) }

// packNT512 turns blocks of 16 rows in registers, and the rows left over one by one.
func packNT512(dst unsafe.Pointer, b operand, k, w int) {
	for j := 0; j < w; j += 16 {
		from, to := operand{unsafe.Add(b.p, uintptr(j)*b.stride), b.stride}, unsafe.Add(dst, 4*j)
		if w-j < 16 {
			transposed[float32](to, from, k, w-j)
			return
		}
		args := struct {
			rounds int
			src    unsafe.Pointer
			step   uintptr
			dst    unsafe.Pointer
			rest   int
		}{k / 16, from.p, from.stride, to, k % 16}
		turn16((*byte)(unsafe.Pointer(&args)))
	}
}

func packNT64(dst unsafe.Pointer, b operand, k, w int) { transposed[float64](dst, b, k, w) }

// transposed may begin to the right of a panel's first column.
func transposed[T float32 | float64](dst unsafe.Pointer, b operand, k, w int) {
	var item T
	size := unsafe.Sizeof(item)
	for j := range w {
		row := unsafe.Slice((*T)(unsafe.Add(b.p, uintptr(j)*b.stride)), k)
		for i, x := range row {
			*(*T)(unsafe.Add(dst, uintptr(i)*panelBytes+uintptr(j)*size)) = x
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
