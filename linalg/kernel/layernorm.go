package kernel

import "math"

// LayerNorm is y = (x − mean)/√(variance+eps)∘gain + bias, row by row, with the biased
// variance (Ba, Kiros and Hinton 2016). bias may be nil. mean and inv receive a row's mean
// and 1/√…, which the way back needs.
func LayerNorm(y, x *Matrix, gain, bias []float32, eps float64, mean, inv []float32) {
	if assembled {
		var args rowArgs
		args.f[0], args.f[1] = 1/float32(x.Cols), float32(eps)
		args.p[2], args.p[3] = at(gain[:x.Cols]), some(bias, x.Cols)
		m := normed{y, x}
		m.run(opLayerNorm, &args, mean, inv)
		return
	}
	for i := range x.Rows {
		from, to := x.Row(i), y.Row(i)
		n := float64(len(from))
		var sum, square float64
		for _, v := range from {
			sum += float64(v)
		}
		middle := sum / n
		for _, v := range from {
			d := float64(v) - middle
			square += float64(d * d)
		}
		mean[i], inv[i] = float32(middle), float32(1/math.Sqrt(square/n+eps))
		for j, v := range from {
			to[j] = float32(float32((v-mean[i])*inv[i]) * gain[j])
		}
		if bias != nil {
			Add(to, bias)
		}
	}
}

// LayerNormBack adds to dx the gradient of LayerNorm's input, given that of its output:
// inv·(g − mean(g) − x̂·mean(g∘x̂)) with g = dy∘gain. With dgain and dbias, which may be
// nil, it adds the gradients Σ dy∘x̂ and Σ dy over the rows.
func LayerNormBack(dx, dy, x *Matrix, gain, mean, inv, dgain, dbias []float32) {
	if assembled {
		var args rowArgs
		args.f[0], args.p[3], args.p[4] = 1/float32(x.Cols), at(gain[:x.Cols]), some(dgain, x.Cols)
		m := normed{dx, dy, x}
		m.run(opLayerNormBack, &args, mean, inv)
		if dbias != nil {
			AddColumns(dbias, *dy)
		}
		return
	}
	for i := range x.Rows {
		from, down, to := x.Row(i), dy.Row(i), dx.Row(i)
		var sum, along float64
		for j, v := range from {
			g := float64(float32(down[j] * gain[j]))
			sum += g
			along += g * float64(float32((v-mean[i])*inv[i]))
		}
		n := float64(len(from))
		flat, pull := float32(sum/n), float32(along/n)
		for j, v := range from {
			hat := float32((v - mean[i]) * inv[i])
			to[j] += float32(inv[i] * (float32(down[j]*gain[j]) - flat - float32(hat*pull)))
			if dgain != nil {
				dgain[j] += float32(down[j] * hat)
			}
		}
		if dbias != nil {
			Add(dbias, down)
		}
	}
}

// AddColumns adds the sum of each column of m to sums: the gradient of a bias.
func AddColumns(sums []float32, m Matrix) {
	for i := range m.Rows {
		Add(sums, m.Row(i))
	}
}
