package penalty

// Orthogonal is Σ|A_old·Aᵀ| over all pairs of a row of one and a row of the other, which
// keeps what a new task learns out of the way of an old one: O-LoRA (Wang et al. 2023, eq.
// 7). Rows have in numbers; there may be more of them in one than in the other. Its gradient
// is Σ sign·A_old, with the sign 0 where an inner product is exactly 0.
func Orthogonal(weight float64, a, old []float32, in int, grad []float32) (value float64) {
	for i := 0; i < len(a); i += in {
		row := a[i : i+in]
		for k := 0; k < len(old); k += in {
			was := old[k : k+in]
			dot := 0.0
			for j, x := range row {
				dot += float64(float64(x) * float64(was[j]))
			}
			switch {
			case dot == 0:
				continue
			case dot < 0:
				value -= dot
			default:
				value += dot
			}
			if grad != nil {
				addSigned(weight, dot, was, grad[i:i+in])
			}
		}
	}
	return value
}

func addSigned(weight, sign float64, was, grad []float32) {
	if sign < 0 {
		weight = -weight
	}
	for j, x := range was {
		grad[j] += float32(weight * float64(x))
	}
}
