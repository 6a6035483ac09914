package kernel

import "fmt"

// width is the number of columns of a panel.
const width = 32

// Panels is the right side of a product, laid out once as the kernels read it: panels of
// 32 columns, each K rows of 32 neighbours; nobody looks beyond the last column. A frozen
// weight is packed twice, by [PackNT] for the way forward and by [PackNN] for the
// gradient of its input; a trained one is packed again into the same memory whenever it
// has changed.
type Panels struct {
	K, N int // the shared side, and the columns of the result
	data []float32

	format Format
	half   []uint16 // instead of data, where the format has 16 bits
}

// PackNT packs w, N×K as checkpoints store a weight, for c = a·wᵀ.
func PackNT(w Matrix) *Panels {
	p := new(Panels)
	p.PackNT(w)
	return p
}

// PackNN packs w, K×N, for c = a·w.
func PackNN(w Matrix) *Panels {
	p := new(Panels)
	p.PackNN(w)
	return p
}

// PackNT packs another w, into the same memory if that is large enough.
func (p *Panels) PackNT(w Matrix) {
	p.resize(w.Cols, w.Rows)
	if fastPackNT(p.data, &w) {
		return
	}
	for j := 0; j < p.N; j += width {
		packNT(p.data[j*p.K:], w.RowRange(j, min(j+width, p.N)))
	}
}

// PackNN packs another w, into the same memory if that is large enough.
func (p *Panels) PackNN(w Matrix) {
	p.resize(w.Rows, w.Cols)
	for j := 0; j < p.N; j += width {
		if part := w.ColRange(j, min(j+width, p.N)); !fastPackNN(p.data[j*p.K:], part) {
			packNN(p.data[j*p.K:], part)
		}
	}
}

func (p *Panels) resize(k, n int) {
	p.K, p.N = k, n
	p.format, p.half = Float32, nil
	size := p.size()
	if cap(p.data) < size {
		p.data = Make[float32](size)
	}
	p.data = p.data[:size]
}

// size is how many numbers the panels have, with the padding.
func (p *Panels) size() int { return (p.N + width - 1) / width * width * p.K }

// panel is the columns j…j+31, as a K×32 matrix.
func (p *Panels) panel(j int) []float32 { return p.data[j*p.K : (j+width)*p.K] }

// Row copies row n of the N×K weight that [PackNT] was given (for one of PackNN: column
// n) to dst, K numbers: the embedding of a token where the head's weight is tied to it.
func (p *Panels) Row(dst []float32, n int) {
	if n < 0 || n >= p.N || len(dst) != p.K {
		panic(fmt.Sprintf("kernel: row %d of %d, %d numbers wide, into %d", n, p.N, p.K, len(dst)))
	}
	if p.format != Float32 {
		p.row16(dst, n)
		return
	}
	from := p.panel(n &^ (width - 1))[n&(width-1):]
	for k := range dst {
		dst[k] = from[k*width]
	}
}

// Unpack is the N×K weight that [PackNT] was given (for one of PackNN: its transpose).
func (p *Panels) Unpack() Matrix {
	w := Of(make([]float32, p.N*p.K), p.N, p.K)
	for n := range w.Rows {
		p.Row(w.Row(n), n)
	}
	return w
}

// Epilogue says what becomes of a product besides being stored. Zero: nothing.
type Epilogue struct {
	// Add begins the chain of every element at what c holds, instead of at zero.
	Add bool
	// Onto, if it has data, begins the chain at another matrix of c's shape: a residual.
	Onto Matrix
	// Low and LowIn continue the chain by the product LowIn·Low, LowIn being M×Low.K: the
	// update of a LoRA branch, with the same bits as a second Mul with Add would give.
	// Low holds float32.
	Low   *Panels
	LowIn Matrix
	// Bias is added then, a number per column of the panels; nil: none.
	Bias []float32
	// Fork, if it has data, parts the result in two, as it goes back through a gate: c has
	// twice the columns, and so has Fork. The right half of c gets the result times the left
	// half of Fork, element by element; with the right half of Fork it goes on to the left.
	// Chains then begin at zero.
	Fork Matrix
	// Times, if it has data, multiplies the result last, element by element: of its shape.
	Times Matrix
}

// Mul is c = a·panels, a being M×K and c M×N, and then what the epilogue says. c must
// not overlap a.
func (p *Panels) Mul(c, a Matrix, e Epilogue) { p.MulCols(&c, &a, 0, p.N, &e) }

// MulCols is Mul over columns lo…hi−1 of the panels; c, Onto, Low, Bias and Times have
// just these columns. lo is a multiple of 32. It takes places, for where products are small
// it costs as much to copy descriptions of them.
func (p *Panels) MulCols(c, a *Matrix, lo, hi int, e *Epilogue) {
	p.check(c, a, lo, hi, e)
	if c.Rows == 0 || hi == lo {
		return
	}
	if e.Fork.Data != nil && !p.forks() {
		p.mulThenFork(*c, *a, lo, hi, *e)
		return
	}
	if p.format != Float32 {
		p.mul16(*c, *a, lo, hi, *e)
		return
	}
	if !p.fastMul(c, a, lo, hi, e) {
		p.mulPortable(*c, *a, lo, hi, *e)
	}
}

func (p *Panels) check(c, a *Matrix, lo, hi int, e *Epilogue) {
	cols := hi - lo
	if e.Fork.Data != nil {
		cols *= 2
	}
	switch {
	case lo < 0 || hi < lo || hi > p.N || lo%width != 0:
		panic(fmt.Sprintf("kernel: columns %d…%d of %d; the first must be a multiple of %d", lo, hi, p.N, width))
	case a.Cols != p.K || c.Rows != a.Rows || c.Cols != cols:
		panic(fmt.Sprintf("kernel: %v = %v · panels of %d×%d, forked %v", *c, *a, p.K, hi-lo, cols > hi-lo))
	case e.Fork.Data != nil && (e.Add || e.Onto.Data != nil || e.Fork.Rows != c.Rows || e.Fork.Cols != cols):
		panic(fmt.Sprintf("kernel: %v forked by %v, add %v, onto %v", *c, e.Fork, e.Add, e.Onto))
	case e.Onto.Data != nil && (e.Add || e.Onto.Rows != c.Rows || e.Onto.Cols != c.Cols):
		panic(fmt.Sprintf("kernel: %v onto %v, add %v", *c, e.Onto, e.Add))
	case e.Low != nil && e.Low.format != Float32:
		panic(fmt.Sprintf("kernel: a branch of %v; expected float32", e.Low.format))
	case e.Low != nil && (e.Low.N != hi-lo || e.LowIn.Rows != a.Rows || e.LowIn.Cols != e.Low.K):
		panic(fmt.Sprintf("kernel: %v gets %v · panels of %d×%d", *c, e.LowIn, e.Low.K, e.Low.N))
	case e.Times.Data != nil && (e.Times.Rows != c.Rows || e.Times.Cols != hi-lo):
		panic(fmt.Sprintf("kernel: %v times %v", *c, e.Times))
	case e.Bias != nil && len(e.Bias) != hi-lo:
		panic(fmt.Sprintf("kernel: a bias of %d numbers for %d columns", len(e.Bias), p.N))
	}
}

// mulThenFork is MulCols where the products cannot fork: their results part afterwards.
func (p *Panels) mulThenFork(c, a Matrix, lo, hi int, e Epilogue) {
	n, fork, times := hi-lo, e.Fork, e.Times
	e.Fork, e.Times = Matrix{}, Matrix{}
	left := c.ColRange(0, n)
	p.MulCols(&left, &a, lo, hi, &e)
	Multiply(c.ColRange(n, 2*n), left, fork.ColRange(0, n))
	Multiply(left, left, fork.ColRange(n, 2*n))
	if times.Data != nil {
		Multiply(left, left, times)
	}
}

// mulPortable is MulCols by the portable products: a panel is a matrix of stride 32.
func (p *Panels) mulPortable(c, a Matrix, lo, hi int, e Epilogue) {
	add := e.Add
	if e.Onto.Data != nil {
		add = true
		for i := range c.Rows {
			copy(c.Row(i), e.Onto.Row(i))
		}
	}
	var room []float32
	if p.format != Float32 {
		room = make([]float32, width*p.K)
	}
	for j := lo; j < hi; j += width {
		w := min(width, hi-j)
		to := c.ColRange(j-lo, j-lo+w)
		nnPortable(to, a, Matrix{p.widened(room, j), p.K, w, width}, add)
		if e.Low != nil {
			nnPortable(to, e.LowIn, Matrix{e.Low.panel(j - lo), e.Low.K, w, width}, true)
		}
		if e.Bias != nil {
			for i := range to.Rows {
				Add(to.Row(i), e.Bias[j-lo:j-lo+w])
			}
		}
	}
	if e.Times.Data != nil {
		Multiply(c, c, e.Times)
	}
}

// packNT lays out up to 32 rows of w as one panel.
func packNT(dst []float32, w Matrix) {
	for k := range w.Cols {
		row := dst[k*width : (k+1)*width]
		for j := range w.Rows {
			row[j] = w.Data[j*w.Stride+k]
		}
	}
}

// packNN lays out up to 32 columns of w as one panel.
func packNN(dst []float32, w Matrix) {
	for k := range w.Rows {
		copy(dst[k*width:], w.Row(k))
	}
}
