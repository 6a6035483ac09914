package kernel

import "fmt"

// Rotate turns each head of some rows by the angles of their positions (Su et al. 2021, in the
// half-split layout of Hugging Face: entry i goes with entry i + width/2). cos and sin
// hold width/2 numbers for each row, one row behind the other. With back it turns the other
// way, which is also how gradients come back through it.
func Rotate(rows Matrix, width int, cos, sin []float32, back bool) {
	half, heads := width/2, rows.Cols/max(1, width)
	if heads*width != rows.Cols || len(cos) < rows.Rows*half || len(sin) < rows.Rows*half {
		panic(fmt.Sprintf("kernel: %v turned head by head, %d wide, by %d cosines and %d sines", rows, width, len(cos), len(sin)))
	}
	if rows.Rows == 0 || heads == 0 || half == 0 {
		return
	}
	if assembled {
		rotateRows(rows, half, heads, cos, sin, back)
		return
	}
	for t := range rows.Rows {
		cos, sin := cos[t*half:(t+1)*half], sin[t*half:(t+1)*half]
		for row := rows.Row(t); len(row) >= width; row = row[width:] {
			a, b := row[:half], row[half:width]
			b = b[:len(a)]
			for i, x := range a {
				y, c, s := b[i], cos[i], sin[i]
				if back {
					s = -s
				}
				a[i] = float32(x*c) - float32(y*s)
				b[i] = float32(y*c) + float32(x*s)
			}
		}
	}
}

// rotateRows is Rotate in assembly, in calls of some length.
func rotateRows(rows Matrix, half, heads int, cos, sin []float32, back bool) {
	sign := float32(1)
	if back {
		sign = -1
	}
	most := rowsACall(rows.Cols)
	for lo := 0; lo < rows.Rows; lo += most {
		args := rowArgs{n: half, rows: min(most, rows.Rows-lo), step: uintptr(half) * 8, full: heads, far: uintptr(rows.Stride) * 4}
		args.p[0], args.p[1], args.p[2] = at(rows.Data[lo*rows.Stride:]), at(cos[lo*half:]), at(sin[lo*half:])
		args.f[0] = sign
		runRow(opRotate, &args)
	}
}
