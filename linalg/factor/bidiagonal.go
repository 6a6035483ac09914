package factor

import (
	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/par"
)

// bidiagonalWidth is how many columns and rows are reflected before the rest of the matrix
// hears of it.
const bidiagonalWidth = 32

// bidiagonal reduces a square matrix to an upper bidiagonal one by reflections from both sides:
// a = left·B·rightᵀ, B with d on its diagonal and e above it. a is used up. Half of the work is
// in products; the other half reads what is left of a once for each column and each row
// (Dongarra, Hammarling, Sorensen 1989, LAPACK's gebrd).
func bidiagonal(a linalg.Dense, workers int) (left, right reflectors, d, e []float64) {
	n, at := a.Rows, a.T()
	left = reflectors{rows: n, v: linalg.NewDense(n, n), workers: workers}
	right = reflectors{rows: n, v: linalg.NewDense(max(n-1, 0), n), workers: workers}
	d, e = make([]float64, n), make([]float64, max(n-1, 0))
	for from := 0; from < n; from += bidiagonalWidth {
		p := strip{a: a, at: at, from: from, to: min(from+bidiagonalWidth, n), v: left.v, u: right.v, d: d, e: e, workers: workers}
		p.x, p.y = linalg.NewDense(p.to-from, n), linalg.NewDense(p.to-from, n)
		taus := p.reduce()
		left.blocks = append(left.blocks, left.blockOf(from, p.to, taus[0]))
		if to := min(p.to, n-1); from < to {
			right.blocks = append(right.blocks, right.blockOf(from, to, taus[1]))
		}
		p.update()
	}
	return left, right, d, e
}

// strip is the columns and rows from…to−1 in reduction. The matrix itself is as it was before
// them; as it would be now it is a − Σ v·yᵀ − Σ x·uᵀ over the pairs so far, all of them rows.
// Its transpose is kept beside it: a row times a matrix is twice as fast as a matrix times a column.
type strip struct {
	a, at    linalg.Dense
	from, to int
	v, u     linalg.Dense // reflections from the left and the right, by column
	x, y     linalg.Dense // by column less from
	d, e     []float64
	workers  int
}

func (p strip) reduce() (taus [2][]float64) {
	n := p.a.Rows
	for c := p.from; c < p.to; c++ {
		i := c - p.from
		column := p.at.Row(c)
		for j := range i {
			v, u := p.v.Row(p.from+j), p.u.Row(p.from+j)
			addScaled(column[c:], -p.y.Row(j)[c], v[c:])
			addScaled(column[c:], -u[c], p.x.Row(j)[c:])
		}
		v, y := p.v.Row(c), p.y.Row(i)
		beta, tau := reflection(v[c:], column[c:])
		p.d[c] = beta
		taus[0] = append(taus[0], tau)
		if c == n-1 {
			break
		}
		p.pass(y, v, p.a, c, c+1)
		for j := range i {
			addScaled(y[c+1:], -dot(p.v.Row(p.from + j)[c:], v[c:]), p.y.Row(j)[c+1:])
			addScaled(y[c+1:], -dot(p.x.Row(j)[c:], v[c:]), p.u.Row(p.from + j)[c+1:])
		}
		scale(y[c+1:], tau)
		row := p.a.Row(c)
		for j := range i + 1 {
			addScaled(row[c+1:], -p.v.Row(p.from + j)[c], p.y.Row(j)[c+1:])
		}
		for j := range i {
			addScaled(row[c+1:], -p.x.Row(j)[c], p.u.Row(p.from + j)[c+1:])
		}
		u, x := p.u.Row(c), p.x.Row(i)
		beta, tau = reflection(u[c+1:], row[c+1:])
		p.e[c] = beta
		taus[1] = append(taus[1], tau)
		p.pass(x, u, p.at, c+1, c+1)
		for j := range i + 1 {
			addScaled(x[c+1:], -dot(p.y.Row(j)[c+1:], u[c+1:]), p.v.Row(p.from + j)[c+1:])
		}
		for j := range i {
			addScaled(x[c+1:], -dot(p.u.Row(p.from + j)[c+1:], u[c+1:]), p.x.Row(j)[c+1:])
		}
		scale(x[c+1:], tau)
	}
	return taus
}

// pass fills out, from a column on, with x·m over the rows from row on.
func (p strip) pass(out, x []float64, m linalg.Dense, row, column int) {
	n := m.Rows
	par.For(n-column, p.sharing(n-row), func(lo, hi int) {
		lo, hi = column+lo, column+hi
		some := kernel.Matrix64{Data: m.Data[row*n+lo : (n-1)*n+hi], Rows: n - row, Cols: hi - lo, Stride: n}
		kernel.NN64(kernel.Of64(out[lo:hi], 1, hi-lo), kernel.Of64(x[row:], 1, n-row), some, false)
	})
}

// sharing is how many workers pay for a pass over a square of that side.
func (p strip) sharing(side int) int {
	if side < 256 {
		return 1
	}
	return p.workers
}

// update brings what is left of the matrix up to date.
func (p strip) update() {
	n, k := p.a.Rows, p.to-p.from
	if p.to >= n {
		return
	}
	rows, cols := linalg.NewDense(2*k, n-p.to), linalg.NewDense(2*k, n-p.to)
	for j := range k {
		for i, pair := range [2][2][]float64{{p.v.Row(p.from + j), p.y.Row(j)}, {p.x.Row(j), p.u.Row(p.from + j)}} {
			copy(rows.Row(2*j+i), pair[0][p.to:])
			scale(rows.Row(2*j+i), -1)
			copy(cols.Row(2*j+i), pair[1][p.to:])
		}
	}
	for _, c := range []struct{ to, left, right linalg.Dense }{{p.a, rows, cols}, {p.at, cols, rows}} {
		par.For(n-p.to, p.sharing(n-p.to), func(lo, hi int) {
			some := kernel.Matrix64{Data: c.left.Data[lo : len(c.left.Data)-(c.left.Cols-hi)], Rows: 2 * k, Cols: hi - lo, Stride: c.left.Cols}
			kernel.TN64(within(c.to, p.to+lo, p.to+hi, p.to), some, whole(c.right), true)
		})
	}
}

// blockOf makes one block of reflections that have been found one by one, with their τ.
func (q reflectors) blockOf(from, to int, taus []float64) block {
	k := to - from
	gram, t := linalg.NewDense(k, k), linalg.NewDense(k, k)
	v := q.window(block{from: from, to: to}, from)
	kernel.NT64(whole(gram), v, v, false)
	for c, tau := range taus[:k] {
		for i := range c {
			t.Row(i)[c] = gram.At(i, c)
		}
		extend(t, c, tau)
	}
	return block{from, to, t}
}

func scale(x []float64, c float64) {
	for i := range x {
		x[i] *= c
	}
}
