package factor

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/par"
)

// split is the SVD of an upper bidiagonal matrix of n rows and n or n+1 columns: vectors are
// rows, in the order of sigma, which is none. Where there is a column more than rows, the last
// row of v is the direction that the matrix takes to 0.
type split struct {
	sigma []float64
	u, v  linalg.Dense
}

// leafSide is the side below which a bidiagonal matrix goes to LAPACK's QR iteration.
const leafSide = 32

// conquer decomposes the bidiagonal matrix with d on its diagonal and e above it, by divide and
// conquer (Gu, Eisenstat 1995): without its middle row it falls into two, whose decompositions
// make it all but diagonal. len(e) is len(d) − 1, or len(d) where it has a column more. Nearly
// all of the work is in products. The workers share it out and do not change a bit.
func conquer(d, e []float64, workers int) (split, error) {
	n := len(d)
	if n <= leafSide {
		return leaf(d, e)
	}
	mid := n / 2
	one, err := conquer(d[:mid], e[:mid], workers)
	if err != nil {
		return one, err
	}
	two, err := conquer(d[mid+1:], e[mid+1:], workers)
	if err != nil {
		return two, err
	}
	return joint(one, two, d[mid], e[mid], workers).solve()
}

// leaf is a small one.
func leaf(d, e []float64) (split, error) {
	n, cols := len(d), len(e)+1
	f := general(n, cols)
	for i := range d {
		f.Data[i*f.Stride+i] = d[i]
		if i < len(e) {
			f.Data[i*f.Stride+i+1] = e[i]
		}
	}
	u, vt, out := general(n, n), general(cols, cols), split{sigma: make([]float64, n)}
	ok := false
	withWork(func(work []float64, size int) {
		ok = lapack64.Gesvd(lapack.SVDAll, lapack.SVDAll, f, u, vt, out.sigma, work, size)
	})
	if !ok {
		return out, fmt.Errorf("factor: the SVD of a bidiagonal matrix of %d rows did not converge", n)
	}
	out.u = linalg.Dense{Rows: n, Cols: n, Data: u.Data}.T()
	out.v = linalg.Dense{Rows: cols, Cols: cols, Data: vt.Data}
	return out, nil
}

// merging joins two decompositions over the row between them. In the bases of both, the matrix
// has z in its first row and sigma on its diagonal; vector 0 is that row's own.
type merging struct {
	u, v    linalg.Dense
	rows    int // of the first part, which is where the middle row stands
	sigma   []float64
	z       []float64
	side    []side // where a vector has entries
	workers int

	kept, gone []int // vectors in the order of sigma: those of the equation, and those that it leaves alone
}

type side byte

const (
	first side = iota
	both
	second
)

// joint puts the parts into one frame: row k+1 of u and v is vector k of the first part, then
// come those of the second; row 0 is of the middle row, and a last row of v is what is left of
// the two directions that the parts take to 0.
func joint(one, two split, alpha, beta float64, workers int) *merging {
	l, r, more := len(one.sigma), len(two.sigma), two.v.Rows-len(two.sigma)
	n := l + 1 + r
	m := &merging{u: linalg.NewDense(n, n), v: linalg.NewDense(n+more, n+more), rows: l, workers: workers,
		sigma: make([]float64, n), z: make([]float64, n), side: make([]side, n)}
	m.u.Row(0)[l] = 1
	m.side[0] = both
	for k := range l {
		m.sigma[k+1], m.z[k+1], m.side[k+1] = one.sigma[k], float64(alpha*one.v.Row(k)[l]), first
		copy(m.u.Row(k+1), one.u.Row(k))
		copy(m.v.Row(k+1), one.v.Row(k))
	}
	for k := range r {
		m.sigma[l+1+k], m.z[l+1+k], m.side[l+1+k] = two.sigma[k], float64(beta*two.v.Row(k)[0]), second
		copy(m.u.Row(l + 1 + k)[l+1:], two.u.Row(k))
		copy(m.v.Row(l + 1 + k)[l+1:], two.v.Row(k))
	}
	z := float64(alpha * one.v.Row(l)[l])
	copy(m.v.Row(0), one.v.Row(l))
	if more == 1 { // turn the two null directions so that the row sees one of them
		w := float64(beta * two.v.Row(r)[0])
		copy(m.v.Row(n)[l+1:], two.v.Row(r))
		if norm := math.Hypot(z, w); norm > 0 {
			rotate(m.v.Row(0), m.v.Row(n), z/norm, w/norm)
			z = norm
		}
	}
	m.z[0] = z
	m.deflate(max(math.Abs(alpha), math.Abs(beta)))
	return m
}

// rotate makes (x, y) into (c·x + s·y, c·y − s·x).
func rotate(x, y []float64, c, s float64) {
	for i, a := range x {
		b := y[i]
		x[i] = float64(c*a) + float64(s*b)
		y[i] = float64(c*b) - float64(s*a)
	}
}

// deflate takes out what the equation need not see: vectors that the row does not touch, and of
// two with one singular value the one that a turn of both leaves untouched.
func (m *merging) deflate(top float64) {
	for _, s := range m.sigma {
		top = max(top, s)
	}
	least := max(4*epsilon*top, 1e-140) // of which squares are numbers yet
	order := make([]int, len(m.sigma)-1)
	for i := range order {
		order[i] = i + 1
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(m.sigma[i], m.sigma[j]) })
	m.kept = []int{0}
	if math.Abs(m.z[0]) <= least {
		m.z[0] = least
	}
	before := -1
	for _, k := range order {
		switch {
		case math.Abs(m.z[k]) <= least:
			m.gone = append(m.gone, k)
			continue
		case before >= 0 && m.sigma[k]-m.sigma[before] <= least:
			norm := math.Hypot(m.z[k], m.z[before])
			c, s := m.z[k]/norm, -m.z[before]/norm
			rotate(m.u.Row(before), m.u.Row(k), c, s)
			rotate(m.v.Row(before), m.v.Row(k), c, s)
			if m.side[before] != m.side[k] {
				m.side[k] = both
			}
			m.z[k] = norm
			m.gone = append(m.gone, before)
		case before >= 0:
			m.kept = append(m.kept, before)
		}
		before = k
	}
	if before >= 0 {
		m.kept = append(m.kept, before)
	}
	if len(m.kept) > 1 { // poles are apart
		k := m.kept[1]
		m.sigma[k] = max(m.sigma[k], least/2)
	}
	m.sigma[0] = 0
}

// solve finds the roots and turns the vectors.
func (m *merging) solve() (split, error) {
	k, n := len(m.kept), len(m.sigma)
	s := secular{make([]float64, k), make([]float64, k)}
	for i, at := range m.kept {
		s.d[i], s.z[i] = m.sigma[at], m.z[at]
	}
	out := split{sigma: make([]float64, n), u: linalg.NewDense(n, n), v: linalg.NewDense(m.v.Rows, m.v.Rows)}
	gaps, good := linalg.NewDense(k, k), make([]bool, k)
	par.For(k, m.sharing(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out.sigma[i], good[i] = s.root(i, gaps.Row(i))
		}
	})
	if slices.Contains(good, false) {
		return out, fmt.Errorf("factor: a singular value of a bidiagonal matrix of %d rows did not converge", n)
	}
	fitted := make([]float64, k)
	par.For(k, m.sharing(), func(lo, hi int) { s.fit(fitted, gaps.Row, lo, hi) })
	m.turn(out, s.d, fitted, gaps)
	for i, at := range m.gone {
		out.sigma[k+i] = m.sigma[at]
		copy(out.u.Row(k+i), m.u.Row(at))
		copy(out.v.Row(k+i), m.v.Row(at))
	}
	if m.v.Rows > n {
		copy(out.v.Row(n), m.v.Row(n))
	}
	return out, nil
}

// turn makes the vectors of the roots: row i of the turn is (ẑ_k/(d_k² − σ_i²))_k on the right,
// and the same times d_k on the left, where the middle row's is −1. gaps is used up.
func (m *merging) turn(out split, d, z []float64, gaps linalg.Dense) {
	k := len(d)
	place, upTo, from := m.grouped()
	left, right := linalg.NewDense(k, k), linalg.NewDense(k, k)
	par.For(k, m.sharing(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			v, u, w := right.Row(i), left.Row(i), gaps.Row(i)
			for j := range w {
				w[j] = z[j] / w[j]
			}
			normV := linalg.Norm(w)
			for j, x := range w {
				v[place[j]] = x / normV
				w[j] = float64(x * d[j])
			}
			w[0] = -1
			normU := linalg.Norm(w)
			for j, x := range w {
				u[place[j]] = x / normU
			}
		}
	})
	order := make([]int, k) // vectors by place
	for j, at := range m.kept {
		order[place[j]] = at
	}
	for _, s := range []struct{ to, turn, of linalg.Dense }{{out.u, left, m.u}, {out.v, right, m.v}} {
		m.product(s.to, s.turn, s.of, order[:upTo], 0, 0, m.rows+1)
		m.product(s.to, s.turn, s.of, order[from:], from, m.rows+1, s.of.Cols)
	}
}

// grouped places the vectors so that those with entries in the first part stand before upTo,
// and those with entries in the second from from on.
func (m *merging) grouped() (place []int, upTo, from int) {
	place = make([]int, len(m.kept))
	n := 0
	for _, want := range []side{first, both, second} {
		if want == both {
			from = n
		}
		for j, at := range m.kept {
			if m.side[at] == want {
				place[j] = n
				n++
			}
		}
		if want == both {
			upTo = n
		}
	}
	return place, upTo, from
}

// product fills columns lo…hi−1 of to with the turn times the vectors named, which stand in
// its columns from from on.
func (m *merging) product(to, turn, of linalg.Dense, vectors []int, from, lo, hi int) {
	if len(vectors) == 0 || lo >= hi {
		return
	}
	packed := linalg.NewDense(len(vectors), hi-lo)
	for i, at := range vectors {
		copy(packed.Row(i), of.Row(at)[lo:hi])
	}
	par.For(turn.Rows, m.sharing(), func(a, b int) {
		t := within(turn, a, b, from)
		t.Cols = len(vectors)
		c := within(to, a, b, lo)
		c.Cols = hi - lo
		kernel.NN64(c, t, whole(packed), false)
	})
}

// sharing is how many workers pay.
func (m *merging) sharing() int {
	if len(m.kept) < 128 {
		return 1
	}
	return m.workers
}
