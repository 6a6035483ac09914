package kernel

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
