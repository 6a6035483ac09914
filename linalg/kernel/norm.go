package kernel

import "math"

// RMSNorm is y = x/√(mean(x²)+eps) ∘ gain, row by row (Zhang and Sennrich 2019). inv
// receives a row's 1/√…, which the way back needs.
func RMSNorm(y, x *Matrix, gain []float32, eps float64, inv []float32) {
	gain = gain[:x.Cols]
	if assembled {
		var args rowArgs
		args.f[0], args.f[1], args.p[2] = 1/float32(x.Cols), float32(eps), at(gain)
		m := normed{y, x}
		m.run(opRMSNorm, &args, inv, nil)
		return
	}
	for i := range x.Rows {
		from, to := x.Row(i), y.Row(i)
		var sum float64
		for _, v := range from {
			sum += float64(v) * float64(v)
		}
		inv[i] = float32(1 / math.Sqrt(sum/float64(len(from))+eps))
		for j, v := range from {
			to[j] = float32(v*inv[i]) * gain[j]
		}
	}
}

// RMSNormBack adds to dx the gradient of the input, given that of the output, row by row:
// inv·(g − x·inv²·mean(g∘x)) with g = dy∘gain. With dgain it adds the gradient of the
// gain, Σ dy∘x·inv over the rows.
func RMSNormBack(dx, dy, x *Matrix, gain, inv, dgain []float32) {
	gain = gain[:x.Cols]
	if assembled {
		var args rowArgs
		args.f[0], args.p[3], args.p[4] = 1/float32(x.Cols), at(gain), some(dgain, x.Cols)
		m := normed{dx, dy, x}
		m.run(opRMSNormBack, &args, nil, inv)
		return
	}
	for i := range x.Rows {
		from, down, to, inv := x.Row(i), dy.Row(i), dx.Row(i), inv[i]
		var sum float64
		for j, v := range from {
			sum += float64(down[j]*gain[j]) * float64(v)
		}
		pull := float32(sum / float64(len(from)) * float64(inv) * float64(inv))
		for j, v := range from {
			to[j] += float32(inv * (float32(down[j]*gain[j]) - float32(v*pull)))
			if dgain != nil {
				dgain[j] += float32(down[j] * float32(v*inv))
			}
		}
	}
}
