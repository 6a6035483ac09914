package kernel

import "fmt"

// Matrix is a window of row-major memory: element (i, j) is Data[i*Stride+j]. A window
// on some columns of a wider matrix (one attention head) has Stride > Cols.
type Matrix struct {
	Data       []float32
	Rows, Cols int
	Stride     int
}

// Of sees a slice as a matrix without gaps. The slice may be longer than needed.
func Of(data []float32, rows, cols int) Matrix {
	var m Matrix
	m.SetOf(data, rows, cols)
	return m
}

// SetOf makes m what [Of] gives, where it stands. A copy of a matrix that was just made
// waits for its stores, and costs as much as a small product does in between.
func (m *Matrix) SetOf(data []float32, rows, cols int) {
	if len(data) < rows*cols {
		panic(fmt.Sprintf("kernel: %d numbers are too few for a matrix of %d×%d", len(data), rows, cols))
	}
	m.Data, m.Rows, m.Cols, m.Stride = data[:rows*cols], rows, cols, cols
}

// RowRange is the window of rows lo…hi−1.
func (m Matrix) RowRange(lo, hi int) Matrix {
	if lo < 0 || hi < lo || hi > m.Rows {
		panic(fmt.Sprintf("kernel: rows %d…%d of a matrix with %d", lo, hi, m.Rows))
	}
	if lo == hi {
		return Matrix{nil, 0, m.Cols, m.Stride}
	}
	return Matrix{m.Data[lo*m.Stride : (hi-1)*m.Stride+m.Cols], hi - lo, m.Cols, m.Stride}
}

// ColRange is the window of columns lo…hi−1.
func (m Matrix) ColRange(lo, hi int) Matrix {
	var w Matrix
	w.SetCols(&m, lo, hi)
	return w
}

// SetCols makes m the window of columns lo…hi−1 of another matrix, where it stands.
func (m *Matrix) SetCols(of *Matrix, lo, hi int) {
	if lo < 0 || hi < lo || hi > of.Cols {
		panic(fmt.Sprintf("kernel: columns %d…%d of a matrix with %d", lo, hi, of.Cols))
	}
	m.Rows, m.Cols, m.Stride = of.Rows, hi-lo, of.Stride
	if of.Rows > 0 {
		m.Data = of.Data[lo : (of.Rows-1)*of.Stride+hi]
	} else {
		m.Data = nil
	}
}

// Row is row i.
func (m Matrix) Row(i int) []float32 {
	return m.Data[i*m.Stride : i*m.Stride+m.Cols]
}

// Zero clears the window and nothing beside it.
func (m Matrix) Zero() {
	for i := range m.Rows {
		clear(m.Row(i))
	}
}

func (m Matrix) String() string { return fmt.Sprintf("%d×%d", m.Rows, m.Cols) }
