//go:build amd64 && !purego

package kernel

import "unsafe"

// Packers to a panel of k rows, zeros to the right of w columns.

func packNT32(dst unsafe.Pointer, b operand, k, w int) { transposed[float32](dst, b, k, w) }

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
