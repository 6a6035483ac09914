package kernel

// Rotate turns each head of a row by the angles of its position (Su et al. 2021, in the
// half-split layout of Hugging Face: entry i goes with entry i + width/2). cos and sin
// hold width/2 numbers. With back it turns the other way, which is also how gradients
// come back through it.
func Rotate(row []float32, width int, cos, sin []float32, back bool) {
	half := width / 2
	cos, sin = cos[:half], sin[:half]
	if assembled && len(row) >= width {
		args := rowArgs{n: half, rows: len(row) / width, step: uintptr(width) * 4}
		args.p[0], args.p[1], args.p[2] = at(row), at(cos), at(sin)
		args.f[0] = 1
		if back {
			args.f[0] = -1
		}
		runRow(opRotate, &args)
		return
	}
	for ; len(row) >= width; row = row[width:] {
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
