package nn

import (
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// dora is what a branch with magnitudes keeps: y = c∘(W·x + Scale·B·A·x) + bias, where
// c is the magnitude over the length of a row of W + Scale·B·A.
type dora struct {
	square []float64 // ‖W‖² by row
	cross  []float32 // A·Wᵀ, rank×Out of the whole map
	gram   []float64 // A·Aᵀ, rank×rank
	inv    []float32 // 1/‖W + Scale·B·A‖ by row
}

func newDora(m *Model, b *Branch, x Module) *dora {
	d := &dora{square: make([]float64, x.Out), inv: make([]float32, x.Out),
		cross: make([]float32, b.Rank*x.linear.out), gram: make([]float64, b.Rank*b.Rank)}
	row := make([]float32, x.In)
	for i := range x.Out {
		m.maps[x.linear.id].forward.Row(row, x.at+i)
		d.square[i] = kernel.SumSquares(row)
	}
	return d
}

// measure finds the lengths of the rows, without forming the rows, and with them the
// factors of the module's outputs:
//
//	‖w + s·b·A‖² = ‖w‖² + 2s·b·(A·w) + s²·b·(A·Aᵀ)·bᵀ
func (d *dora) measure(m *Model, b *attached, factor []float32) {
	l, rank := b.module.linear, b.Rank
	cross, a := kernel.Of(d.cross, rank, l.out), kernel.Of(b.A, rank, l.in)
	m.maps[l.id].forward.Mul(cross, a, kernel.Epilogue{})
	for k := range rank {
		for j := range rank {
			d.gram[k*rank+j] = inner(a.Row(k), a.Row(j))
		}
	}
	s := float64(b.Scale)
	for i := range b.module.Out {
		row := b.B[i*rank : (i+1)*rank]
		sum := d.square[i]
		for k, x := range row {
			sum += float64(2 * s * float64(x) * float64(cross.Row(k)[b.module.at+i]))
			for j, y := range row {
				sum += float64(s * s * float64(x) * float64(y) * d.gram[k*rank+j])
			}
		}
		d.inv[i] = float32(1 / math.Sqrt(sum))
		factor[i] = b.Magnitude[i] * d.inv[i]
	}
}

func inner(x, y []float32) (sum float64) {
	for i, v := range x {
		sum += float64(float64(v) * float64(y[i]))
	}
	return sum
}

// scaled is y = factor∘plain + bias + onto: how a linear some of whose modules have
// magnitudes ends. plain is kept for the way back.
func (l *lane) scaled(y, onto, plain kernel.Matrix, bias []float32) {
	for i := range y.Rows {
		to := y.Row(i)
		for j, v := range plain.Row(i) {
			x := float32(v * l.factor[j])
			if bias != nil {
				x += bias[j]
			}
			if onto.Data != nil {
				x += onto.Row(i)[j]
			}
			to[j] = x
		}
	}
}

// doraBack gives the gradient of the magnitudes, and takes dy to the gradient of the
// module's output before the factors.
func (l *lane) doraBack(b *attached, dy kernel.Matrix, at int) {
	out, first := b.module.linear.out, b.module.at
	for i := range dy.Rows {
		plain := l.plain[(at+i)*out+first:]
		for j, g := range dy.Row(i) {
			if b.GradMagnitude != nil {
				b.GradMagnitude[j] += float32(float32(g*plain[j]) * b.dora.inv[j])
			}
			dy.Row(i)[j] = g * l.factor[first+j]
		}
	}
}
