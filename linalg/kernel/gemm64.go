package kernel

import "fmt"

// Matrix64 is a [Matrix] of float64: factorisations work in it.
type Matrix64 struct {
	Data       []float64
	Rows, Cols int
	Stride     int
}

// Of64 sees a slice as a matrix without gaps. The slice may be longer than needed.
func Of64(data []float64, rows, cols int) Matrix64 {
	if len(data) < rows*cols {
		panic(fmt.Sprintf("kernel: %d numbers are too few for a matrix of %d×%d", len(data), rows, cols))
	}
	return Matrix64{data[:rows*cols], rows, cols, cols}
}

// Row is row i.
func (m Matrix64) Row(i int) []float64 { return m.Data[i*m.Stride : i*m.Stride+m.Cols] }

func (m Matrix64) String() string { return fmt.Sprintf("%d×%d", m.Rows, m.Cols) }

// NT64 is [NT] in float64.
func NT64(c, a, b Matrix64, add bool) {
	if a.Cols != b.Cols || c.Rows != a.Rows || c.Cols != b.Rows {
		panic(fmt.Sprintf("kernel: %v = %v · (%v)ᵀ", c, a, b))
	}
	if !fastProduct64(c, a, b, false, true, add) {
		portable64(c, a, b, a.Cols, 1, a.Stride, 1, b.Stride, add)
	}
}

// NN64 is [NN] in float64.
func NN64(c, a, b Matrix64, add bool) {
	if a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols {
		panic(fmt.Sprintf("kernel: %v = %v · %v", c, a, b))
	}
	if !fastProduct64(c, a, b, false, false, add) {
		portable64(c, a, b, a.Cols, 1, a.Stride, b.Stride, 1, add)
	}
}

// TN64 is [TN] in float64.
func TN64(c, a, b Matrix64, add bool) {
	if a.Rows != b.Rows || c.Rows != a.Cols || c.Cols != b.Cols {
		panic(fmt.Sprintf("kernel: %v = (%v)ᵀ · %v", c, a, b))
	}
	if !fastProduct64(c, a, b, true, false, add) {
		portable64(c, a, b, a.Rows, a.Stride, 1, b.Stride, 1, add)
	}
}

// portable64 is any of the products: ak and ai are the steps in a along the shared side
// and along the rows of c, bk and bj those in b along the shared side and the columns.
func portable64(c, a, b Matrix64, k, ak, ai, bk, bj int, add bool) {
	for i := range c.Rows {
		row := c.Row(i)
		if !add {
			clear(row)
		}
		for j := range row {
			sum := row[j]
			for p := range k {
				sum += float64(a.Data[i*ai+p*ak] * b.Data[p*bk+j*bj])
			}
			row[j] = sum
		}
	}
}
