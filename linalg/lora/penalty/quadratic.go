package penalty

// Proximal is ½Σ(θ−θ*)², which holds a client near the model that its round began with:
// FedProx (Li et al. 2020, eq. 2). Its gradient is θ−θ*.
func Proximal(weight float64, theta, centre, grad []float32) (value float64) {
	for i, x := range theta {
		d := float64(x) - float64(centre[i])
		value += float64(d * d)
		if grad != nil {
			grad[i] += float32(weight * d)
		}
	}
	return value / 2
}

// Elastic is ΣF(θ−θ*)², with no ½, which holds weights where an earlier task left them, each
// as firmly as it mattered there: EWC (Kirkpatrick et al. 2017). Its gradient is 2F(θ−θ*).
func Elastic(weight float64, theta, centre, importance, grad []float32) (value float64) {
	for i, x := range theta {
		d := float64(x) - float64(centre[i])
		f := float64(importance[i])
		value += float64(f * float64(d*d))
		if grad != nil {
			grad[i] += float32(weight * float64(2*float64(f*d)))
		}
	}
	return value
}
