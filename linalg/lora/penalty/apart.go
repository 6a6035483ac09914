package penalty

// Apart is Σ(x−y)² of two rows, in order, and replaces x by weight times its gradient,
// 2·weight·(x−y): dark experience replay holds logits to what they were (Buzzega et al. 2020).
func Apart(x, y []float32, weight float32) (sum float64) {
	y = y[:len(x)]
	by := 2 * weight
	for i, v := range x {
		d := v - y[i]
		sum += float64(d) * float64(d)
		x[i] = by * d
	}
	return sum
}
