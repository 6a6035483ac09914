//go:build amd64 && !purego

package kernel

import "unsafe"

// Packers to a panel of k rows, zeros to the right of w columns.

func packNT32(dst unsafe.Pointer, b operand, k, w int) { transposed[float32](dst, b, k, w) }

// packNT512 turns blocks of 16×16 in registers, and what is left over one by one.
func packNT512(dst unsafe.Pointer, b operand, k, w int) {
	blocks := k / 16
	if w < 16 || blocks == 0 {
		packNT32(dst, b, k, w)
		return
	}
	if w < width {
		clear(unsafe.Slice((*float32)(dst), k*width))
	}
	for j := 0; j < w; j += 16 {
		from, to := operand{unsafe.Add(b.p, uintptr(j)*b.stride), b.stride}, unsafe.Add(dst, 4*j)
		done := 0
		if w-j >= 16 {
			args := struct {
				rounds int
				src    unsafe.Pointer
				step   uintptr
				dst    unsafe.Pointer
			}{blocks, from.p, from.stride, to}
			turn16((*byte)(unsafe.Pointer(&args)))
			done = 16 * blocks
		}
		for r := range min(16, w-j) {
			row := unsafe.Slice((*float32)(unsafe.Add(from.p, uintptr(r)*from.stride)), k)
			for i := done; i < k; i++ {
				*(*float32)(unsafe.Add(to, 128*i+4*r)) = row[i]
			}
		}
	}
}

func packNN32(dst unsafe.Pointer, b operand, k, w int) { copied[float32](dst, b, k, w) }

func packNT64(dst unsafe.Pointer, b operand, k, w int) { transposed[float64](dst, b, k, w) }

func packNN64(dst unsafe.Pointer, b operand, k, w int) { copied[float64](dst, b, k, w) }

func transposed[T float32 | float64](dst unsafe.Pointer, b operand, k, w int) {
	var item T
	columns := panelBytes / int(unsafe.Sizeof(item))
	to := unsafe.Slice((*T)(dst), k*columns)
	if w < columns {
		clear(to)
	}
	for j := range w {
		row := unsafe.Slice((*T)(unsafe.Add(b.p, uintptr(j)*b.stride)), k)
		for i, x := range row {
			to[i*columns+j] = x
		}
	}
}

func copied[T float32 | float64](dst unsafe.Pointer, b operand, k, w int) {
	var item T
	columns := panelBytes / int(unsafe.Sizeof(item))
	for i := range k {
		to := unsafe.Slice((*T)(unsafe.Add(dst, i*panelBytes)), columns)
		clear(to[copy(to, unsafe.Slice((*T)(unsafe.Add(b.p, uintptr(i)*b.stride)), w)):])
	}
}
