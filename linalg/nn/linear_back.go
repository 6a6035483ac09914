package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// wants says whether the way back through a linear needs the input it had.
func (r *Runner) wants(m *linear) bool {
	return r.lanes[m.id].trained || r.base.trains(m.id)
}

// throughBack takes dy, the gradient of a linear's output for rows at… of the pass, to
// the gradients of its trained parts and, if dx has data, of its input, to which onto is
// added if it has data. x is needed where [Runner.wants] says so.
func (r *Runner) throughBack(m *linear, dx, dy, x, onto kernel.Matrix, at int) {
	l := &r.lanes[m.id]
	if g := r.base.vector(m.bias); g != nil {
		kernel.AddColumns(g, dy)
	}
	if l.plain != nil { // magnitudes scale dy on its way
		own := kernel.Of(l.dy, dy.Rows, m.out)
		for i := range dy.Rows {
			copy(own.Row(i), dy.Row(i))
		}
		dy = own
	}
	dz := kernel.Of(r.back.dz, dy.Rows, l.rank)
	for pass := range 2 { // magnitudes last, since others want dy as it came
		for i := range l.branches {
			if b := &l.branches[i]; (b.dora != nil) == (pass == 1) {
				r.branchBack(b, l, dz, dy, at, dx.Data != nil)
			}
		}
	}
	r.base.weight(m, dy, x)
	if dx.Data != nil {
		r.model.maps[m.id].backward().Mul(dx, dy, onwards(dx, onto))
	}
	if len(l.branches) > 0 {
		r.lowBack(m, l, dx, dz, x, at)
	}
}

// onwards begins a product at what is to be added to it, which may be its own place.
func onwards(c, onto kernel.Matrix) kernel.Epilogue {
	if onto.Data != nil && &onto.Data[0] == &c.Data[0] {
		return kernel.Epilogue{Add: true}
	}
	return kernel.Epilogue{Onto: onto}
}

// branchBack gives dB, and dz = dy·B.
func (r *Runner) branchBack(b *attached, l *lane, dz, dy kernel.Matrix, at int, down bool) {
	g := dy.ColRange(b.module.at, b.module.at+b.module.Out)
	if b.dora != nil {
		l.doraBack(b, g, at)
	}
	if b.GradB != nil {
		z := kernel.Of(l.z[at*l.rank:], dy.Rows, l.rank)
		kernel.TN(kernel.Of(b.GradB, b.module.Out, b.Rank), g, z.ColRange(b.at, b.at+b.Rank), true)
	}
	if b.GradA != nil || down {
		kernel.NN(dz.ColRange(b.at, b.at+b.Rank), g, kernel.Of(b.B, b.module.Out, b.Rank), false)
	}
}

// lowBack takes dz to the gradients of the factors A and to dx.
func (r *Runner) lowBack(m *linear, l *lane, dx, dz, x kernel.Matrix, at int) {
	dropping := r.dropping && l.dropping
	if dx.Data != nil && !dropping {
		kernel.NN(dx, dz, kernel.Of(l.a, l.rank, m.in), true)
	}
	for i := range l.branches {
		b := &l.branches[i]
		own := dz.ColRange(b.at, b.at+b.Rank)
		if dx.Data != nil && dropping {
			b.backThroughMask(dx, own, b.scaledA(l, m), r.back.wide, at)
		}
		if b.GradA == nil {
			continue
		}
		for j := range own.Rows {
			kernel.Scale(own.Row(j), b.Scale)
		}
		kernel.TN(kernel.Of(b.GradA, b.Rank, m.in), own, b.input(x, at, dropping), true)
	}
}

// backThroughMask adds dz·A, as far as the input was kept, to dx.
func (b *attached) backThroughMask(dx, dz, a kernel.Matrix, scratch []float32, at int) {
	if b.Dropout == 0 {
		kernel.NN(dx, dz, a, true)
		return
	}
	wide := kernel.Of(scratch, dx.Rows, dx.Cols)
	kernel.NN(wide, dz, a, false)
	for i := range dx.Rows {
		keep, to := b.keep[(at+i)*dx.Cols:], dx.Row(i)
		for j, g := range wide.Row(i) {
			to[j] += float32(g * keep[j])
		}
	}
}
