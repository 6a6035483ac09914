package kernel

import "fmt"

// AddRows adds a·panels to some of c's rows, row i of the product to row rows[i] of c: what
// an expert of a mixture says of the rows that went to it. Each row has the bits of a
// [Panels.Mul] with Add.
func (p *Panels) AddRows(c Matrix, rows []int32, a Matrix) {
	if a.Cols != p.K || c.Cols != p.N || a.Rows != len(rows) || p.format != Float32 {
		panic(fmt.Sprintf("kernel: %d rows of %v += %v · panels of %d×%d, %v", len(rows), c, a, p.K, p.N, p.format))
	}
	for _, t := range rows {
		if t < 0 || int(t) >= c.Rows {
			panic(fmt.Sprintf("kernel: row %d of %v", t, c))
		}
	}
	if p.K == 0 || p.N == 0 || len(rows) == 0 || p.fastAddRows(c, rows, a) {
		return
	}
	for i, t := range rows {
		p.Mul(c.RowRange(int(t), int(t)+1), a.RowRange(i, i+1), Epilogue{Add: true})
	}
}
