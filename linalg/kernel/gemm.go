package kernel

import "fmt"

// The three products of a linear layer y = x·Wᵀ, W being out×in as checkpoints store it:
// forward needs NT, the gradient of x is NN, the gradient of W is TN. They are for
// operands that change at every step; what stays is packed once, see [Panels], with the
// same bits. Each element is one chain over the shared side in ascending order, starting
// from zero, or with add from what c holds. c must not overlap a or b.

// NT is c = a·bᵀ: a is m×k, b is n×k.
func NT(c, a, b *Matrix, add bool) {
	if a.Cols != b.Cols || c.Rows != a.Rows || c.Cols != b.Rows {
		panic(fmt.Sprintf("kernel: %v = %v · (%v)ᵀ", *c, *a, *b))
	}
	if !fastProduct(c, a, b, false, true, add) {
		ntPortable(*c, *a, *b, add)
	}
}

func ntPortable(c, a, b Matrix, add bool) {
	i := 0
	for ; i+2 <= c.Rows; i += 2 {
		j := 0
		for ; j+3 <= c.Cols; j += 3 {
			nt23(&c, a.Data[i*a.Stride:], b.Data[j*b.Stride:], a.Stride, b.Stride, a.Cols, i, j, add)
		}
		for ; j+2 <= c.Cols; j += 2 {
			nt22(&c, a.Data[i*a.Stride:], b.Data[j*b.Stride:], a.Stride, b.Stride, a.Cols, i, j, add)
		}
		for ; j < c.Cols; j++ {
			nt21(&c, a.Data[i*a.Stride:], b.Data[j*b.Stride:], a.Stride, a.Cols, i, j, add)
		}
	}
	for ; i < c.Rows; i++ {
		j := 0
		for ; j+3 <= c.Cols; j += 3 {
			nt13(&c, a.Data[i*a.Stride:], b.Data[j*b.Stride:], b.Stride, a.Cols, i, j, add)
		}
		for ; j < c.Cols; j++ {
			c.put(i, j, dot(c.start(i, j, add), a.Data[i*a.Stride:], b.Data[j*b.Stride:], a.Cols))
		}
	}
}

// NN is c = a·b: a is m×k, b is k×n.
func NN(c, a, b *Matrix, add bool) {
	if a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols {
		panic(fmt.Sprintf("kernel: %v = %v · %v", *c, *a, *b))
	}
	if !fastProduct(c, a, b, false, false, add) {
		nnPortable(*c, *a, *b, add)
	}
}

// nnPortable has column tiles as its outer loop, so that two columns of b stay in the
// first cache over all rows.
func nnPortable(c, a, b Matrix, add bool) {
	if empty(c, a.Cols, add) {
		return
	}
	j := 0
	for ; j+2 <= c.Cols; j += 2 {
		i := 0
		for ; i+3 <= c.Rows; i += 3 {
			nn32(&c, a.Data[i*a.Stride:], b.Data[j:], a.Stride, b.Stride, a.Cols, i, j, add)
		}
		for ; i < c.Rows; i++ {
			nn12(&c, a.Data[i*a.Stride:], b.Data[j:], b.Stride, a.Cols, i, j, add)
		}
	}
	for ; j < c.Cols; j++ {
		for i := range c.Rows {
			strided(&c, a.Data[i*a.Stride:], b.Data[j:], 1, b.Stride, a.Cols, i, j, add)
		}
	}
}

// TN is c = aᵀ·b: a is k×m, b is k×n.
func TN(c, a, b *Matrix, add bool) {
	if a.Rows != b.Rows || c.Rows != a.Cols || c.Cols != b.Cols {
		panic(fmt.Sprintf("kernel: %v = (%v)ᵀ · %v", *c, *a, *b))
	}
	if !fastProduct(c, a, b, true, false, add) {
		tnPortable(*c, *a, *b, add)
	}
}

func tnPortable(c, a, b Matrix, add bool) {
	if empty(c, a.Rows, add) {
		return
	}
	j := 0
	for ; j+3 <= c.Cols; j += 3 {
		i := 0
		for ; i+2 <= c.Rows; i += 2 {
			tn23(&c, a.Data[i:], b.Data[j:], a.Stride, b.Stride, a.Rows, i, j, add)
		}
		for ; i < c.Rows; i++ {
			tn13(&c, a.Data[i:], b.Data[j:], a.Stride, b.Stride, a.Rows, i, j, add)
		}
	}
	for ; j < c.Cols; j++ {
		i := 0
		for ; i+2 <= c.Rows; i += 2 {
			tn21(&c, a.Data[i:], b.Data[j:], a.Stride, b.Stride, a.Rows, i, j, add)
		}
		for ; i < c.Rows; i++ {
			strided(&c, a.Data[i:], b.Data[j:], a.Stride, b.Stride, a.Rows, i, j, add)
		}
	}
}

// empty deals with products that have no elements, or nothing to sum.
func empty(c Matrix, k int, add bool) bool {
	if k == 0 && !add {
		c.Zero()
	}
	return k == 0 || c.Rows == 0 || c.Cols == 0
}

// start is where the chain of an element begins.
func (m *Matrix) start(i, j int, add bool) float32 {
	if add {
		return m.Data[i*m.Stride+j]
	}
	return 0
}

// put stores one element.
func (m *Matrix) put(i, j int, x float32) { m.Data[i*m.Stride+j] = x }
