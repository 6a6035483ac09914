package kernel

import "fmt"

// A mixture's experts each have rows of their own, which lie anywhere: they are read and
// written where they are.

// AddRows adds a·panels to some of c's rows, row i of the product to row rows[i] of c, no
// two of them the same: what an expert of a mixture says of the rows that went to it. Each
// row has the bits of a [Panels.Mul] with Add.
func (p *Panels) AddRows(c Matrix, rows []int32, a Matrix) {
	if a.Cols != p.K || c.Cols != p.N || a.Rows != len(rows) || p.format != Float32 {
		panic(fmt.Sprintf("kernel: %d rows of %v += %v · panels of %d×%d, %v", len(rows), c, a, p.K, p.N, p.format))
	}
	checkRows(c, rows)
	if p.K == 0 || p.N == 0 || len(rows) == 0 || p.fastAddRows(c, rows, a) {
		return
	}
	for i, t := range rows {
		p.Mul(c.RowRange(int(t), int(t)+1), a.RowRange(i, i+1), Epilogue{Add: true})
	}
}

// ThinRows is [ThinNT] of some of x's rows, row i of z being times[i]·scale·(x[rows[i]]·aᵀ);
// nil times are ones.
func ThinRows(z, x Matrix, rows []int32, a Matrix, scale float32, times []float32) {
	if x.Cols != a.Cols || z.Rows != len(rows) || z.Cols != a.Rows || times != nil && len(times) != len(rows) {
		panic(fmt.Sprintf("kernel: %v = %d times %d rows of %v · (%v)ᵀ", z, len(times), len(rows), x, a))
	}
	checkRows(x, rows)
	if len(rows) == 0 || fastThinRows(z, x, rows, a, scale, times) {
		return
	}
	for i, t := range rows {
		to := z.RowRange(i, i+1)
		ThinNT(to, x.RowRange(int(t), int(t)+1), a, scale)
		if times != nil {
			Scale(to.Row(0), times[i])
		}
	}
}

// Ask has numbers brought near that are read next: an expert's factors are small, many, and met
// in no order that a processor would guess. Nothing but time depends on it.
func Ask(x []float32) {
	if len(x) > 0 {
		fastAsk(x)
	}
}

// Ask is [Ask] for the panels.
func (p *Panels) Ask() { Ask(p.data) }

// checkRows accuses rows that a matrix does not have.
func checkRows(m Matrix, rows []int32) {
	for _, t := range rows {
		if uint(t) >= uint(m.Rows) {
			panic(fmt.Sprintf("kernel: row %d of %v", t, m))
		}
	}
}
