package start

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// PCA finds the principal directions of a layer's inputs, batch by batch, without keeping
// the inputs (Ross et al. 2008; the incremental SVD under EVA).
type PCA struct {
	k     int
	Axes  linalg.Dense // k×in, rows of length 1; the entry of largest size in each is positive
	Sigma []float64    // singular values of the centred inputs, descending
	Mean  []float64    // of the inputs
	seen  float64      // inputs so far
	total float64      // Σ (x − mean)² over all of them
}

// NewPCA follows the k largest directions.
func NewPCA(k int) *PCA { return &PCA{k: max(k, 1)} }

// Add takes a batch of inputs, tokens×in.
func (p *PCA) Add(x linalg.Dense) error {
	if x.Rows == 0 || x.Cols == 0 || p.Mean != nil && x.Cols != len(p.Mean) {
		return fmt.Errorf("start: inputs of %d×%d, expected at least one of the width of those before, %d", x.Rows, x.Cols, len(p.Mean))
	}
	n := float64(x.Rows)
	if p.Mean == nil {
		p.Mean = make([]float64, x.Cols)
	}
	mean := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			mean[j] += v / n
		}
	}
	// The state so far, the batch about its own mean, and what the two means are apart.
	stack := linalg.NewDense(p.Axes.Rows+x.Rows+1, x.Cols)
	for k, s := range p.Sigma {
		for j, v := range p.Axes.Row(k) {
			stack.Row(k)[j] = s * v
		}
	}
	apart := math.Sqrt(p.seen / (p.seen + n) * n)
	last := stack.Row(stack.Rows - 1)
	for j, m := range mean {
		for i := range x.Rows {
			stack.Row(p.Axes.Rows + i)[j] = x.At(i, j) - m
		}
		last[j] = apart * (p.Mean[j] - m)
	}
	fresh := linalg.Norm(stack.Data[p.Axes.Rows*x.Cols:])
	p.total += float64(fresh * fresh)
	d, err := factor.Decompose(stack)
	if err != nil {
		return err
	}
	for j, m := range mean {
		p.Mean[j] = (float64(p.seen*p.Mean[j]) + float64(n*m)) / (p.seen + n)
	}
	p.seen += n
	d = d.Top(p.k)
	p.Axes, p.Sigma = positive(d.V.T()), d.Sigma
	return nil
}

// positive turns rows so that the entry of largest size, the first of equals, is above 0.
func positive(m linalg.Dense) linalg.Dense {
	for i := range m.Rows {
		var top float64
		for _, v := range m.Row(i) {
			if math.Abs(v) > math.Abs(top) {
				top = v
			}
		}
		for j := range m.Row(i) {
			m.Row(i)[j] = math.Copysign(1, top) * m.Row(i)[j]
		}
	}
	return m
}

// Explained is the share of the inputs' variance along each direction.
func (p *PCA) Explained() []float64 {
	shares := make([]float64, len(p.Sigma))
	for i, s := range p.Sigma {
		if p.total > 0 {
			shares[i] = s * s / p.total
		}
	}
	return shares
}
