package linalg

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Dense is a row-major matrix of float64: what a factorisation or a sum over
// participants is computed in. Data has Rows×Cols numbers. Weights and adapters
// themselves are float32; they come here to be added up and go back rounded once.
type Dense struct {
	Rows, Cols int
	Data       []float64
}

// NewDense is a matrix of zeros.
func NewDense(rows, cols int) Dense {
	if rows < 0 || cols < 0 {
		panic(fmt.Sprintf("linalg: a matrix of %d×%d", rows, cols))
	}
	return Dense{rows, cols, make([]float64, rows*cols)}
}

// Widen makes a float64 matrix of float32 numbers, exactly. It panics unless there are
// rows×cols of them.
func Widen(rows, cols int, data []float32) Dense {
	if len(data) != rows*cols {
		panic(fmt.Sprintf("linalg: %d numbers for a matrix of %d×%d", len(data), rows, cols))
	}
	m := NewDense(rows, cols)
	for i, x := range data {
		m.Data[i] = float64(x)
	}
	return m
}

// Narrow rounds to float32, each number once, to nearest.
func (m Dense) Narrow() []float32 {
	out := make([]float32, len(m.Data))
	for i, x := range m.Data {
		out[i] = float32(x)
	}
	return out
}

// Row is row i itself, not a copy.
func (m Dense) Row(i int) []float64 { return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols] }

// At is the number in row i and column j.
func (m Dense) At(i, j int) float64 { return m.Data[i*m.Cols+j] }

// T is the transpose, a copy.
func (m Dense) T() Dense {
	const tile = 16 // rows that are read together: a cache line of the copy is filled at once
	t := NewDense(m.Cols, m.Rows)
	for lo := 0; lo < m.Rows; lo += tile {
		hi := min(lo+tile, m.Rows)
		for j := range m.Cols {
			column := t.Data[j*m.Rows+lo : j*m.Rows+hi]
			for i := range column {
				column[i] = m.Data[(lo+i)*m.Cols+j]
			}
		}
	}
	return t
}

// Columns is a copy of the columns from up to, and without, to.
func (m Dense) Columns(from, to int) Dense {
	c := NewDense(m.Rows, to-from)
	for i := range m.Rows {
		copy(c.Row(i), m.Row(i)[from:to])
	}
	return c
}

// Scaled is a copy, times c.
func (m Dense) Scaled(c float64) Dense {
	s := NewDense(m.Rows, m.Cols)
	for i, x := range m.Data {
		s.Data[i] = float64(c * x)
	}
	return s
}

// Add adds c·x to m in place. It panics where the shapes differ.
func (m Dense) Add(c float64, x Dense) {
	if m.Rows != x.Rows || m.Cols != x.Cols {
		panic(fmt.Sprintf("linalg: adding %d×%d to %d×%d", x.Rows, x.Cols, m.Rows, m.Cols))
	}
	addScaled(m.Data, c, x.Data)
}

// Mul is a·b. Each entry is one sum in ascending k, every product rounded before it is
// added: the same bits on every machine.
func Mul(a, b Dense) Dense {
	if a.Cols != b.Rows {
		panic(fmt.Sprintf("linalg: product of %d×%d and %d×%d", a.Rows, a.Cols, b.Rows, b.Cols))
	}
	c := NewDense(a.Rows, b.Cols)
	for i := range a.Rows {
		addRowTimes(c.Row(i), 1, a.Row(i), b)
	}
	return c
}

// addRowTimes adds weight·row·m to out.
func addRowTimes(out []float64, weight float64, row []float64, m Dense) {
	kernel.AddRows64(out, weight, row, kernel.Of64(m.Data, m.Rows, m.Cols))
}

// addScaled adds c·x to out.
func addScaled(out []float64, c float64, x []float64) {
	kernel.AddRows64(out[:len(x)], c, []float64{1}, kernel.Of64(x, 1, len(x)))
}

// Norm is the root of the sum of squares: the Frobenius norm of a matrix's Data. It is
// scaled by the largest entry before squaring, so numbers near 1e±200 neither overflow
// nor vanish. NaN gives NaN; an infinity gives +Inf.
func Norm(x []float64) float64 {
	var top float64
	for _, v := range x {
		if math.IsNaN(v) {
			return v
		}
		top = max(top, math.Abs(v))
	}
	if top == 0 || math.IsInf(top, 1) {
		return top
	}
	var sum float64
	for _, v := range x {
		q := v / top
		sum += float64(q * q)
	}
	return top * math.Sqrt(sum)
}

// Sum adds in order of index, the only order in which anything here is ever added.
func Sum(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum
}
