package linalg

import (
	"fmt"
	"slices"
)

// ProductSum is a weighted sum of matrices of one shape, most of them products B·A of
// low rank: the change that many adapters make to one weight. The zero value is empty
// and takes the shape of what is added first.
//
// Summands are kept as factors while that is smaller than the matrix they add up to,
// that is while Σr·(rows+cols) < rows·cols, and as one matrix from then on: memory never
// exceeds that of the matrix and the last factors, however many are added. Sums are in
// the order of adding.
type ProductSum struct {
	// KeepFactors keeps products as factors however large they are together.
	KeepFactors bool
	// KeepRank keeps them up to this sum of ranks, whatever is smaller.
	KeepRank int

	rows, cols int
	rank       int
	terms      []product
	full       Dense // where factors would be larger
}

type product struct {
	weight float64
	b, a   Dense // rows×r, r×cols
}

// Add adds weight·b·a. The factors must not be changed afterwards. It panics where the
// shapes do not fit: that is the caller's to check.
func (s *ProductSum) Add(weight float64, b, a Dense) { AddProduct(weight, b, a, s) }

// AddProduct is [ProductSum.Add] to each of the sums, which are distinct: to those that are
// dense the product is formed once for all.
func AddProduct(weight float64, b, a Dense, sums ...*ProductSum) {
	if b.Cols != a.Rows {
		panic(fmt.Sprintf("linalg: product of %d×%d and %d×%d", b.Rows, b.Cols, a.Rows, a.Cols))
	}
	p := product{weight, b, a}
	var full []Dense
	for _, s := range sums {
		s.fit(b.Rows, a.Cols)
		if s.makeRoom(b.Cols); s.IsDense() {
			full = append(full, s.full)
		} else {
			s.terms = append(s.terms, p)
		}
	}
	p.addTo(full)
}

// makeRoom gets ready for a product of a rank: if factors are larger with it, the sum becomes
// dense.
func (s *ProductSum) makeRoom(rank int) {
	s.rank += rank
	if s.KeepFactors || s.IsDense() || s.rank <= s.KeepRank || s.rank*(s.rows+s.cols) <= s.rows*s.cols {
		return
	}
	s.full = NewDense(s.rows, s.cols)
	for _, p := range s.terms {
		p.addTo([]Dense{s.full})
	}
	s.terms = nil
}

// Negated is −1 times the sum, to the last bit as if every weight had had the other sign. Both
// can be added to from then on; factors are shared.
func (s *ProductSum) Negated() *ProductSum {
	out := *s
	out.terms = slices.Clone(s.terms)
	for i := range out.terms {
		out.terms[i].weight *= -1
	}
	if s.IsDense() {
		out.full = s.full.Scaled(-1)
	}
	return &out
}

// AddDense adds weight·m, and makes the sum dense.
func (s *ProductSum) AddDense(weight float64, m Dense) {
	s.fit(m.Rows, m.Cols)
	if !s.IsDense() {
		s.full, s.terms = s.Dense(), nil
	}
	addScaled(s.full.Data, weight, m.Data)
}

func (s *ProductSum) fit(rows, cols int) {
	if s.rows == 0 && s.cols == 0 {
		s.rows, s.cols = rows, cols
	}
	if s.rows != rows || s.cols != cols {
		panic(fmt.Sprintf("linalg: adding %d×%d to a sum of %d×%d", rows, cols, s.rows, s.cols))
	}
}

// addTo adds the product to each of these matrices.
func (p product) addTo(full []Dense) {
	if len(full) == 0 {
		return
	}
	one := make([]float64, p.a.Cols)
	for i := range p.b.Rows {
		p.row(one, i)
		for _, m := range full {
			addScaled(m.Row(i), 1, one)
		}
	}
}

// row writes row i of the product to one.
func (p product) row(one []float64, i int) {
	clear(one)
	addRowTimes(one, p.weight, p.b.Row(i), p.a)
}

// addRow adds row i of the product to out. The row is summed up by itself first, in one,
// so that a product and its negative cancel to the last bit.
func (p product) addRow(out []float64, i int, one []float64) {
	p.row(one, i)
	addScaled(out, 1, one)
}

// IsDense says whether the summands have been added into one matrix.
func (s *ProductSum) IsDense() bool { return s.full.Data != nil }

// Size is that of the matrix; 0 and 0 before anything was added.
func (s *ProductSum) Size() (rows, cols int) { return s.rows, s.cols }

// Rank is the sum of the ranks added: an upper bound of the rank of the sum.
func (s *ProductSum) Rank() int { return s.rank }

// Dense is the sum as a matrix, rows×cols, the caller's to keep.
func (s *ProductSum) Dense() Dense {
	m := NewDense(s.rows, s.cols)
	one := make([]float64, s.cols)
	for i := range s.rows {
		s.addRow(m.Row(i), i, one)
	}
	return m
}

// addRow adds row i of the sum to out.
func (s *ProductSum) addRow(out []float64, i int, one []float64) {
	if s.IsDense() {
		addScaled(out, 1, s.full.Row(i))
		return
	}
	for _, p := range s.terms {
		p.addRow(out, i, one)
	}
}

// Factors concatenates along the rank, in the order of adding: b = [B₁ | B₂ | …],
// rows×R, and a = [w₁A₁; w₂A₂; …], R×cols. The weights are on a alone. ok is false where
// the sum is dense.
func (s *ProductSum) Factors() (b, a Dense, ok bool) {
	if s.IsDense() {
		return Dense{}, Dense{}, false
	}
	copied := *s
	copied.terms = slices.Clone(s.terms)
	return copied.TakeFactors()
}

// TakeFactors is [ProductSum.Factors] for the last who asks: the sum is empty afterwards, and
// each summand may go as soon as it has been copied.
func (s *ProductSum) TakeFactors() (b, a Dense, ok bool) {
	if s.IsDense() {
		return Dense{}, Dense{}, false
	}
	b, a = NewDense(s.rows, s.rank), NewDense(s.rank, s.cols)
	at := 0
	for i, p := range s.terms {
		at, s.terms[i] = p.stack(b, a, at), product{}
	}
	*s = ProductSum{KeepFactors: s.KeepFactors, KeepRank: s.KeepRank}
	return b, a, true
}

// stack copies the product into those that are stacked, and gives the place of the next.
func (p product) stack(b, a Dense, at int) (next int) {
	for i := range p.b.Rows {
		copy(b.Row(i)[at:], p.b.Row(i))
	}
	addScaled(a.Data[at*a.Cols:], p.weight, p.a.Data)
	return at + p.b.Cols
}

// Norm is the Frobenius norm of the sum, found row by row: one row is held at a time,
// and terms that cancel do so in full precision (the road over Gram matrices would lose
// half the digits of a small difference).
func (s *ProductSum) Norm() float64 {
	norms := make([]float64, s.rows)
	row, one := make([]float64, s.cols), make([]float64, s.cols)
	for i := range norms {
		clear(row)
		s.addRow(row, i, one)
		norms[i] = Norm(row)
	}
	return Norm(norms)
}
