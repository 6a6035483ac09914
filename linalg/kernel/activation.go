package kernel

import "fmt"

// Activation is the function between the two halves of an MLP.
type Activation uint8

// The activations that models of Hugging Face use.
const (
	SiLU     Activation = iota // x/(1+e⁻ˣ); "silu", "swish"
	GELUTanh                   // by the hyperbolic tangent; "gelu_new", "gelu_pytorch_tanh"
	GELUErf                    // by the error function; "gelu"
	ReLU                       // max(0, x); "relu"
	Tanh                       // (eˣ−e⁻ˣ)/(eˣ+e⁻ˣ); "tanh", in poolers
)

// Apply is y = f(x), row by row. y may be x.
func (f Activation) Apply(y, x Matrix) {
	f.same("Apply", y, x)
	flatten(&y, &x)
	for i := range y.Rows {
		f.row(y.Row(i), x.Row(i))
	}
}

// Back is dx = dy∘f′(x). dx may be dy.
func (f Activation) Back(dx, dy, x Matrix) {
	f.same("Back", dx, dy)
	f.same("Back", dx, x)
	flatten(&dx, &dy, &x)
	for i := range dx.Rows {
		f.rowBack(dx.Row(i), dy.Row(i), x.Row(i))
	}
}

// Gate is y = f(gate)∘up (Shazeer 2020).
func (f Activation) Gate(y, gate, up Matrix) {
	f.same("Gate", y, gate)
	f.same("Gate", y, up)
	flatten(&y, &gate, &up)
	for i := range y.Rows {
		row, by := y.Row(i), up.Row(i)
		if f == SiLU {
			SwiGLU(row, gate.Row(i), by)
			continue
		}
		f.row(row, gate.Row(i))
		multiply(row, row, by)
	}
}

// GateBack gives the gradients of gate and up from that of y. Neither may be dy.
func (f Activation) GateBack(dgate, dup, dy, gate, up Matrix) {
	f.same("GateBack", dgate, dy)
	f.same("GateBack", dup, dy)
	f.same("GateBack", gate, dy)
	f.same("GateBack", up, dy)
	flatten(&dgate, &dup, &dy, &gate, &up)
	for i := range dy.Rows {
		dg, du, d, u := dgate.Row(i), dup.Row(i), dy.Row(i), up.Row(i)
		if f == SiLU {
			SwiGLUBack(dg, du, d, gate.Row(i), u)
			continue
		}
		f.row(du, gate.Row(i))
		multiply(du, du, d)
		multiply(dg, d, u)
		f.rowBack(dg, dg, gate.Row(i))
	}
}

func (f Activation) row(y, x []float32) {
	switch f {
	case SiLU:
		silu(y, x)
	case GELUTanh:
		geluTanh(y, x)
	case GELUErf:
		geluErf(y, x)
	case ReLU:
		for i, v := range x {
			y[i] = max(v, 0)
		}
	case Tanh:
		for i, v := range x {
			y[i] = tanh(v)
		}
	default:
		panic(fmt.Sprintf("kernel: no activation of number %d", f))
	}
}

func (f Activation) rowBack(dx, dy, x []float32) {
	switch f {
	case SiLU:
		siluBack(dx, dy, x)
	case GELUTanh:
		geluTanhBack(dx, dy, x)
	case GELUErf:
		geluErfBack(dx, dy, x)
	case ReLU:
		for i, v := range x {
			dx[i] = dy[i]
			if !(v > 0) {
				dx[i] = 0
			}
		}
	case Tanh:
		for i, v := range x {
			t := tanh(v)
			dx[i] = dy[i] * (1 - float32(t*t))
		}
	default:
		panic(fmt.Sprintf("kernel: no activation of number %d", f))
	}
}

// tanh is 2/(1+e⁻²ˣ) − 1, and near zero, where that would lose digits, the series.
func tanh(x float32) float32 {
	if x > -0.1 && x < 0.1 {
		s := x * x
		p := float32(s*(-17.0/315)) + 2.0/15
		p = float32(s*p) - 1.0/3
		return x + float32(x*float32(s*p))
	}
	return 2*Sigmoid(2*x) - 1
}

func (f Activation) same(what string, a, b Matrix) {
	if a.Rows != b.Rows || a.Cols != b.Cols {
		panic(fmt.Sprintf("kernel: %s of an activation from %v to %v", what, b, a))
	}
}

// Multiply is y = a∘b; y may be either.
func Multiply(y, a, b Matrix) {
	if a.Rows != y.Rows || a.Cols != y.Cols || b.Rows != y.Rows || b.Cols != y.Cols {
		panic(fmt.Sprintf("kernel: %v = %v ∘ %v", y, a, b))
	}
	flatten(&y, &a, &b)
	for i := range y.Rows {
		multiply(y.Row(i), a.Row(i), b.Row(i))
	}
}

// multiply is y = a∘b.
func multiply(y, a, b []float32) {
	if through(opMul, 0, y, a, b) {
		return
	}
	for i, v := range a {
		y[i] = v * b[i]
	}
}

// flatten sees matrices of one shape as one row each, if none of them has gaps.
func flatten(ms ...*Matrix) {
	for _, m := range ms {
		if m.Stride != m.Cols {
			return
		}
	}
	for _, m := range ms {
		*m = Matrix{m.Data, min(m.Rows, 1), m.Rows * m.Cols, m.Rows * m.Cols}
	}
}
