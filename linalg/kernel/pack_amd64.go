//go:build amd64 && !purego

package kernel

import "unsafe"

// Packers to a panel of k rows. What is right of w columns stays as it was: nobody looks.

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

func packNN32(dst unsafe.Pointer, b operand, k, w int) { copied[float32](dst, b, k, w) }

func packNT64(dst unsafe.Pointer, b operand, k, w int) { transposed[float64](dst, b, k, w) }

func packNN64(dst unsafe.Pointer, b operand, k, w int) { copied[float64](dst, b, k, w) }

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

// copied copies row by row, by quarters of a panel where they fit: rows are short.
func copied[T float32 | float64](dst unsafe.Pointer, b operand, k, w int) {
	const quarter = panelBytes / 4
	var item T
	bytes := uintptr(w) * unsafe.Sizeof(item)
	for i := range uintptr(k) {
		to, from := unsafe.Add(dst, i*panelBytes), unsafe.Add(b.p, i*b.stride)
		if bytes%quarter == 0 {
			for at := uintptr(0); at < bytes; at += quarter {
				*(*[quarter]byte)(unsafe.Add(to, at)) = *(*[quarter]byte)(unsafe.Add(from, at))
			}
			continue
		}
		copy(unsafe.Slice((*T)(to), w), unsafe.Slice((*T)(from), w))
	}
}
