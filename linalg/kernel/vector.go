package kernel

// Add is y += x.
func Add(y, x []float32) {
	x = x[:len(y)]
	if through(opAdd, 0, y, y, x) {
		return
	}
	for i := range y {
		y[i] += x[i]
	}
}

// AddScaled is y += a·x.
func AddScaled(y []float32, a float32, x []float32) {
	x = x[:len(y)]
	if through(opAddScaled, a, y, y, x) {
		return
	}
	for i := range y {
		y[i] += float32(a * x[i])
	}
}

// Scale is x *= a.
func Scale(x []float32, a float32) { ScaleTo(x, a, x) }

// ScaleTo is y = a·x.
func ScaleTo(y []float32, a float32, x []float32) {
	x = x[:len(y)]
	if through(opScale, a, y, x) {
		return
	}
	for i := range y {
		y[i] = a * x[i]
	}
}

// SumSquares is Σ x², in float64 and in order.
func SumSquares(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}
