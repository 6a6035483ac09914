package factor

import (
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/par"
)

// reflectors are the Householder reflections that make a matrix triangular, in blocks: the
// product of a block's is 1 − V·T·Vᵀ (compact WY; Schreiber, Van Loan 1989), so that all but
// the narrowest panels are matrix products. A column is a row here and below: memory is
// walked along it.
type reflectors struct {
	rows    int
	v       linalg.Dense // k×rows: a vector each, 0 before its own place and 1 at it
	blocks  []block      // in the order of the columns
	workers int          // who share out long products, which does not change a bit
}

// block is the reflections from column from up to, and without, to; t is square and upper
// triangular.
type block struct {
	from, to int
	t        linalg.Dense
}

const (
	blockWidth = 64 // columns whose reflections are applied together
	panelWidth = 4  // columns that are reflected one by one
)

// triangular factorises m: r is k×cols and upper triangular, k = min(rows, cols).
func triangular(m linalg.Dense, workers int) (q reflectors, r linalg.Dense) {
	return triangularOf(m.T(), workers)
}

// triangularOf is [triangular] of the transpose of at, which is used up.
func triangularOf(at linalg.Dense, workers int) (q reflectors, r linalg.Dense) {
	m := linalg.Dense{Rows: at.Cols, Cols: at.Rows}
	k := min(m.Rows, m.Cols)
	q = reflectors{rows: m.Rows, v: linalg.NewDense(k, m.Rows), workers: workers}
	r = linalg.NewDense(k, m.Cols)
	for from := 0; from < k; from += blockWidth {
		b := block{from: from, to: min(from+blockWidth, k)}
		b.t = q.factor(at, r, from, b.to)
		q.blocks = append(q.blocks, b)
		q.reflect(at, b.to, at.Rows, b, false)
	}
	for j := k; j < m.Cols; j++ { // a wide matrix: the columns beyond the square
		for i := range k {
			r.Row(i)[j] = at.At(j, i)
		}
	}
	return q, r
}

// factor reflects columns from…to−1 of the matrix whose transpose is at, which the columns
// before them have been applied to, and gives their T. What is final of r is written there.
// Halves are factorised in turn, so that the work is in products of their width (Elmroth,
// Gustavson 2000).
func (q reflectors) factor(at, r linalg.Dense, from, to int) linalg.Dense {
	if to-from <= panelWidth {
		return q.panel(at, r, from, to)
	}
	mid := from + (to-from)/2
	left := block{from, mid, q.factor(at, r, from, mid)}
	q.reflect(at, mid, to, left, false)
	right := block{mid, to, q.factor(at, r, mid, to)}
	return q.joined(left, right)
}

// panel reflects columns one by one.
func (q reflectors) panel(at, r linalg.Dense, from, to int) linalg.Dense {
	t := linalg.NewDense(to-from, to-from)
	for j := from; j < to; j++ {
		x, v := at.Row(j), q.v.Row(j)
		for i := range j {
			r.Row(i)[j] = x[i]
		}
		beta, tau := reflection(v[j:], x[j:])
		r.Row(j)[j] = beta
		for i := j + 1; i < to; i++ {
			y := at.Row(i)[j:]
			addScaled(y, -float64(tau*dot(v[j:], y)), v[j:])
		}
		c := j - from
		for i := range c {
			t.Row(i)[c] = dot(q.v.Row(from + i)[j:], v[j:])
		}
		extend(t, c, tau)
	}
	return t
}

// extend makes column c of T, whose rows above c hold Vᵀv: −τ·T·(Vᵀv), and τ on the diagonal.
func extend(t linalg.Dense, c int, tau float64) {
	for i := range c {
		var sum float64
		for l := i; l < c; l++ {
			sum += float64(t.At(i, l) * t.At(l, c))
		}
		t.Row(i)[c] = -float64(tau * sum)
	}
	t.Row(c)[c] = tau
}

// reflection fills v so that 1 − τ·v·vᵀ takes x to (β, 0, …), and v[0] is 1.
func reflection(v, x []float64) (beta, tau float64) {
	v[0] = 1
	below := dot(x[1:], x[1:])
	if below < 1e-280 || below > 1e280 { // squares vanish or overflow
		n := linalg.Norm(x[1:])
		if n == 0 {
			return x[0], 0
		}
		beta = math.Hypot(x[0], n)
	} else {
		beta = math.Sqrt(float64(x[0]*x[0]) + below)
	}
	if x[0] > 0 {
		beta = -beta
	}
	pivot := x[0] - beta
	for i, y := range x[1:] {
		v[1+i] = y / pivot
	}
	return beta, -pivot / beta
}

// joined is the T of two neighbouring blocks as one: [T₁, −T₁·(V₁ᵀV₂)·T₂; 0, T₂].
func (q reflectors) joined(left, right block) linalg.Dense {
	a, b := left.to-left.from, right.to-right.from
	t := linalg.NewDense(a+b, a+b)
	for i := range a {
		copy(t.Row(i), left.t.Row(i))
	}
	for i := range b {
		copy(t.Row(a + i)[a:], right.t.Row(i))
	}
	cross, half := linalg.NewDense(a, b), linalg.NewDense(a, b)
	kernel.NT64(whole(cross), q.window(left, right.from), q.window(right, right.from), false)
	kernel.NN64(whole(half), whole(left.t), whole(cross), false)
	kernel.NN64(whole(cross), whole(half), whole(right.t), false)
	for i := range a {
		for j, x := range cross.Row(i) {
			t.Row(i)[a+j] = -x
		}
	}
	return t
}

// window is a block's vectors from a column on: before it, all are 0.
func (q reflectors) window(b block, column int) kernel.Matrix64 {
	return within(q.v, b.from, b.to, column)
}

// within is rows from…to−1 of m, from a column on.
func within(m linalg.Dense, from, to, column int) kernel.Matrix64 {
	return kernel.Matrix64{Data: m.Data[from*m.Cols+column : max((to-1)*m.Cols+m.Cols, from*m.Cols+column)], Rows: to - from, Cols: m.Cols - column, Stride: m.Cols}
}

func whole(m linalg.Dense) kernel.Matrix64 { return kernel.Of64(m.Data, m.Rows, m.Cols) }

// reflect applies a block to the columns that are rows from…to−1 of at: its transpose, or
// with forward the block itself.
func (q reflectors) reflect(at linalg.Dense, from, to int, b block, forward bool) {
	if from >= to {
		return
	}
	workers := max(q.workers, 1)
	if to-from < 2*blockWidth {
		workers = 1
	}
	v, t := q.window(b, b.from), b.t.Scaled(-1)
	par.For(to-from, workers, func(lo, hi int) {
		w, wt := linalg.NewDense(hi-lo, b.to-b.from), linalg.NewDense(hi-lo, b.to-b.from)
		c := within(at, from+lo, from+hi, b.from)
		kernel.NT64(whole(w), c, v, false)
		if forward {
			kernel.NT64(whole(wt), whole(w), whole(t), false)
		} else {
			kernel.NN64(whole(wt), whole(w), whole(t), false)
		}
		kernel.NN64(c, whole(wt), v, true)
	})
}

// times is Q·x, rows×cols, for an x of as many rows as there are reflections.
func (q reflectors) times(x linalg.Dense) linalg.Dense { return q.turned(x.T()).T() }

// turn makes every row x of at, which is as long as the reflections, Q·x.
func (q reflectors) turn(at linalg.Dense) {
	for i := len(q.blocks) - 1; i >= 0; i-- {
		q.reflect(at, 0, at.Rows, q.blocks[i], true)
	}
}

// turned is Q·(x; 0) for every row x of the shorter ones given.
func (q reflectors) turned(rows linalg.Dense) linalg.Dense {
	at := linalg.NewDense(rows.Rows, q.rows)
	for i := range rows.Rows {
		copy(at.Row(i), rows.Row(i))
	}
	q.turn(at)
	return at
}

// thin is Q itself, rows×k. A block leaves the unit vectors before it alone.
func (q reflectors) thin() linalg.Dense {
	at := linalg.NewDense(q.v.Rows, q.rows)
	for i := range at.Rows {
		at.Row(i)[i] = 1
	}
	for i := len(q.blocks) - 1; i >= 0; i-- {
		q.reflect(at, q.blocks[i].from, at.Rows, q.blocks[i], true)
	}
	return at.T()
}

// addScaled adds c·x to out.
func addScaled(out []float64, c float64, x []float64) {
	out = out[:len(x)]
	for i, y := range x {
		out[i] += float64(c * y)
	}
}

// dot adds in eight lanes, then along them: the same bits on every machine.
func dot(x, y []float64) float64 {
	var s [8]float64
	y = y[:len(x)]
	for len(x) >= 8 {
		a, b := x[:8:8], y[:8:8]
		s[0] += float64(a[0] * b[0])
		s[1] += float64(a[1] * b[1])
		s[2] += float64(a[2] * b[2])
		s[3] += float64(a[3] * b[3])
		s[4] += float64(a[4] * b[4])
		s[5] += float64(a[5] * b[5])
		s[6] += float64(a[6] * b[6])
		s[7] += float64(a[7] * b[7])
		x, y = x[8:], y[8:]
	}
	for i, v := range x {
		s[i] += float64(v * y[i])
	}
	return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
}
