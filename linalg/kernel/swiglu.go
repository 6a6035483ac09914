package kernel

import "fmt"

// SwiGLU is y = silu(gate)∘up with silu(x) = x/(1+e⁻ˣ) (Shazeer 2020).
func SwiGLU(y, gate, up []float32) {
	gate, up = gate[:len(y)], up[:len(y)]
	if through(opSwiGLU, 0, y, gate, up) {
		return
	}
	for i := range y {
		g := gate[i]
		y[i] = float32(g*Sigmoid(g)) * up[i]
	}
}

// SwiGLUBack gives the gradients of gate and up from that of y.
func SwiGLUBack(dgate, dup, dy, gate, up []float32) {
	n := len(dy)
	dgate, dup, gate, up = dgate[:n], dup[:n], gate[:n], up[:n]
	if through(opSwiGLUBack, 0, dgate, dup, dy, gate, up) {
		return
	}
	for i, d := range dy {
		g := gate[i]
		s := Sigmoid(g)
		dgate[i] = float32(d*up[i]) * float32(s*(1+float32(g*(1-s))))
		dup[i] = d * float32(g*s)
	}
}

// SwiGLUFork is SwiGLU of rows, and leaves what the way back through it multiplies by: gate is
// replaced by silu(gate), and slope receives silu′(gate). With [Epilogue.Fork] and Times, and
// silu and up side by side, the gradients then come out of the product that gives that of y,
// with the bits of [SwiGLUBack].
func SwiGLUFork(y, slope, gate, up Matrix) {
	for _, m := range []Matrix{slope, gate, up} {
		if m.Rows != y.Rows || m.Cols != y.Cols {
			panic(fmt.Sprintf("kernel: a gate of %v and %v to %v, slopes %v", gate, up, y, slope))
		}
	}
	if assembled {
		swigluForkRows(y, slope, gate, up)
		return
	}
	for i := range y.Rows {
		to, down, from, by := y.Row(i), slope.Row(i), gate.Row(i), up.Row(i)
		for j, g := range from {
			s := Sigmoid(g)
			down[j] = s * (1 + float32(g*(1-s)))
			from[j] = g * s
			to[j] = from[j] * by[j]
		}
	}
}

// swigluForkRows is SwiGLUFork in assembly, in calls of some length.
func swigluForkRows(y, slope, gate, up Matrix) {
	most := rowsACall(y.Cols)
	if slope.Stride != y.Stride || gate.Stride != up.Stride {
		most = 1
	}
	for lo := 0; lo < y.Rows; lo += most {
		args := rowArgs{n: y.Cols, rows: min(most, y.Rows-lo), step: uintptr(y.Stride) * 4, far: uintptr(up.Stride) * 4}
		for i, m := range []Matrix{y, slope, gate, up} {
			args.p[i] = at(m.Data[lo*m.Stride:])
		}
		runRow(opSwiGLUFork, &args)
	}
}
