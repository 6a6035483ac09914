package kernel

import "math"

// The Gaussian error linear unit x·Φ(x) (Hendrycks and Gimpel 2016), in its two forms.
// With the tangent, ½x(1 + tanh u) with u = √(2/π)(x + 0.044715x³) is x·sigmoid(2u).

const (
	geluPull  = 0.7978845608028654 * 2 // 2√(2/π)
	geluCube  = 0.044715
	rootHalf  = math.Sqrt2 / 2
	phiAtZero = 0.3989422804014327 // 1/√(2π)
)

func geluTanh(y, x []float32) {
	y = y[:len(x)]
	if through(opGELUTanh, 0, y, x) {
		return
	}
	for i, v := range x {
		u := geluPull * (v + float32(geluCube*float32(float32(v*v)*v)))
		y[i] = v * Sigmoid(u)
	}
}

func geluTanhBack(dx, dy, x []float32) {
	dx, dy = dx[:len(x)], dy[:len(x)]
	if through(opGELUTanhBack, 0, dx, dy, x) {
		return
	}
	for i, v := range x {
		square := v * v
		s := Sigmoid(geluPull * (v + float32(geluCube*float32(square*v))))
		slope := geluPull * (1 + float32(3*geluCube*square))
		dx[i] = dy[i] * (s + float32(float32(v*float32(s*(1-s)))*slope))
	}
}

// GELUTanhSlope is Apply of [GELUTanh], and replaces x by the slope there: the way back is
// then [Multiply], with the bits of Back and without its exponential.
func GELUTanhSlope(y, x Matrix) {
	GELUTanh.same("GELUTanhSlope", y, x)
	flatten(&y, &x)
	for i := range y.Rows {
		geluTanhSlope(y.Row(i), x.Row(i))
	}
}

func geluTanhSlope(y, x []float32) {
	y = y[:len(x)]
	if through(opGELUTanhSlope, 0, y, x) {
		return
	}
	for i, v := range x {
		square := v * v
		s := Sigmoid(geluPull * (v + float32(geluCube*float32(square*v))))
		slope := geluPull * (1 + float32(3*geluCube*square))
		y[i] = v * s
		x[i] = s + float32(float32(v*float32(s*(1-s)))*slope)
	}
}

func geluErf(y, x []float32) {
	y = y[:len(x)]
	if through(opGELUErf, 0, y, x) {
		return
	}
	for i, v := range x {
		y[i] = v * (0.5 + float32(0.5*Erf(rootHalf*v)))
	}
}

func geluErfBack(dx, dy, x []float32) {
	dx, dy = dx[:len(x)], dy[:len(x)]
	if through(opGELUErfBack, 0, dx, dy, x) {
		return
	}
	for i, v := range x {
		density := phiAtZero * Exp(-0.5*float32(v*v))
		dx[i] = dy[i] * (0.5 + float32(0.5*Erf(rootHalf*v)) + float32(v*density))
	}
}

func silu(y, x []float32) {
	y = y[:len(x)]
	if through(opSiLU, 0, y, x) {
		return
	}
	for i, v := range x {
		y[i] = v * Sigmoid(v)
	}
}

func siluBack(dx, dy, x []float32) {
	dx, dy = dx[:len(x)], dy[:len(x)]
	if through(opSiLUBack, 0, dx, dy, x) {
		return
	}
	for i, v := range x {
		s := Sigmoid(v)
		dx[i] = dy[i] * float32(s*(1+float32(v*(1-s))))
	}
}

// Erf is the error function in float32, at most 4·10⁻⁷ off: beyond ±4 it is ±1 to the
// last place, within it is the odd rational function of Eigen's erf.
func Erf(x float32) float32 {
	if x != x {
		return x
	}
	x = max(-4, min(4, x))
	s := x * x
	p := float32(-2.72614225801306e-10*s) + 2.77068142495902e-08
	p = float32(p*s) - 2.10102402082508e-06
	p = float32(p*s) - 5.69250639462346e-05
	p = float32(p*s) - 7.34990630326855e-04
	p = float32(p*s) - 2.95459980854025e-03
	p = float32(p*s) - 1.60960333262415e-02
	q := float32(-1.45660718464996e-05*s) - 2.13374055278905e-04
	q = float32(q*s) - 1.68282697438203e-03
	q = float32(q*s) - 7.37332916720468e-03
	q = float32(q*s) - 1.42647390514189e-02
	return float32(x*p) / q
}
