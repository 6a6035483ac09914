package kernel

// Softmax replaces a row of scores, not empty, by probabilities, scores being multiplied
// by scale first.
func Softmax(row []float32, scale float32) {
	if assembled {
		softmaxRows(Matrix{row, 1, len(row), len(row)}, len(row), 0, scale)
		return
	}
	top := row[0] * scale
	for i, x := range row {
		x *= scale
		row[i] = x
		if x > top {
			top = x
		}
	}
	var sum float64
	for i, x := range row {
		e := Exp(x - top)
		row[i] = e
		sum += float64(e)
	}
	Scale(row, float32(1/sum))
}

// SoftmaxBack turns the gradient of a row of probabilities p into the gradient of the
// unscaled scores: d = p∘(d − Σ p·d)·scale.
func SoftmaxBack(d, p []float32, scale float32) {
	p = p[:len(d)]
	if assembled {
		n := len(d)
		softmaxBackRows(Matrix{d, 1, n, n}, Matrix{p, 1, n, n}, n, 0, scale)
		return
	}
	var sum float64
	for i, x := range d {
		sum += float64(x) * float64(p[i])
	}
	mean := float32(sum)
	for i, x := range d {
		d[i] = float32(p[i]*(x-mean)) * scale
	}
}

// softmaxRows is Softmax of rows one below the other in assembly: of n numbers of the
// first, grow more of each further one. What is right of them is cleared.
func softmaxRows(x Matrix, n, grow int, scale float32) {
	for i, m := 0, 0; i < x.Rows; i += m {
		m = min(x.Rows-i, rowsACall(x.Cols))
		args := rowArgs{n: n + i*grow, rows: m, step: uintptr(x.Stride) * 4, grow: uintptr(grow), full: x.Cols}
		args.p[0], args.f[0] = at(x.Data[i*x.Stride:]), scale
		runRow(opSoftmax, &args)
	}
}

// softmaxBackRows is SoftmaxBack in the same way.
func softmaxBackRows(d, p Matrix, n, grow int, scale float32) {
	if d.Stride != p.Stride {
		for i := range d.Rows {
			softmaxBackRows(d.RowRange(i, i+1), Matrix{p.Row(i), 1, p.Cols, d.Stride}, n+i*grow, 0, scale)
		}
		return
	}
	for i, m := 0, 0; i < d.Rows; i += m {
		m = min(d.Rows-i, rowsACall(d.Cols))
		args := rowArgs{n: n + i*grow, rows: m, step: uintptr(d.Stride) * 4, grow: uintptr(grow), full: d.Cols}
		args.p[0], args.p[1], args.f[0] = at(d.Data[i*d.Stride:]), at(p.Data[i*p.Stride:]), scale
		runRow(opSoftmaxBack, &args)
	}
}
