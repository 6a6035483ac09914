package kernel

// Softmax replaces a row of scores by probabilities, scores being multiplied by scale
// first. It returns the largest scaled score and one over the sum, from which
// [SoftmaxAgain] makes the same probabilities, bit for bit, without a second search.
func Softmax(row []float32, scale float32) (top, inv float32) {
	top = row[0] * scale
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
	inv = float32(1 / sum)
	Scale(row, inv)
	return top, inv
}

// SoftmaxAgain turns scores into the probabilities that Softmax gave.
func SoftmaxAgain(row []float32, scale, top, inv float32) {
	for i, x := range row {
		row[i] = Exp(float32(x*scale)-top) * inv
	}
}

// SoftmaxBack turns the gradient of a row of probabilities p into the gradient of the
// unscaled scores: d = p∘(d − Σ p·d)·scale.
func SoftmaxBack(d, p []float32, scale float32) {
	p = p[:len(d)]
	var sum float64
	for i, x := range d {
		sum += float64(x) * float64(p[i])
	}
	mean := float32(sum)
	for i, x := range d {
		d[i] = float32(p[i]*(x-mean)) * scale
	}
}
