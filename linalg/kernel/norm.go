package kernel

import "math"

// RMSNorm is y = x/√(mean(x²)+eps) ∘ gain, one row (Zhang and Sennrich 2019). It returns
// 1/√…, which the way back needs.
func RMSNorm(y, x, gain []float32, eps float64) (inv float32) {
	y, gain = y[:len(x)], gain[:len(x)]
	if assembled {
		args := rowArgs{n: len(x)}
		args.p[0], args.p[1], args.p[2] = at(y), at(x), at(gain)
		args.f[0], args.f[1] = 1/float32(len(x)), float32(eps)
		runRow(opRMSNorm, &args)
		return args.out[0]
	}
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	inv = float32(1 / math.Sqrt(sum/float64(len(x))+eps))
	for i, v := range x {
		y[i] = float32(v*inv) * gain[i]
	}
	return inv
}

// RMSNormBack adds to dx the gradient of a row's input, given that of its output:
// inv·(g − x·inv²·mean(g∘x)) with g = dy∘gain. With dgain it adds the gradient of the
// gain, dy∘x·inv.
func RMSNormBack(dx, dgain, dy, x, gain []float32, inv float32) {
	n := len(x)
	dx, dy, gain = dx[:n], dy[:n], gain[:n]
	if assembled {
		args := rowArgs{n: n}
		args.p[0], args.p[1], args.p[2], args.p[3] = at(dx), at(dy), at(x), at(gain)
		if dgain != nil {
			args.p[4] = at(dgain[:n])
		}
		args.f[0], args.f[1] = 1/float32(n), inv
		runRow(opRMSNormBack, &args)
		return
	}
	var sum float64
	for i, v := range x {
		sum += float64(dy[i]*gain[i]) * float64(v)
	}
	pull := float32(sum / float64(n) * float64(inv) * float64(inv))
	for i, v := range x {
		dx[i] += float32(inv * (float32(dy[i]*gain[i]) - float32(v*pull)))
	}
	if dgain == nil {
		return
	}
	dgain = dgain[:n]
	for i, v := range x {
		dgain[i] += float32(dy[i] * float32(v*inv))
	}
}
