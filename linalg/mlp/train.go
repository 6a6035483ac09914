package mlp

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Plan is how a classifier is trained: by AdamW on the mean cross-entropy of all rows at once.
type Plan struct {
	Hidden int
	Steps  int
	LR     float64
}

// AdamW's customary numbers.
const beta1, beta2, tiny = 0.9, 0.999, 1e-8

// Train makes a classifier of rows of so many numbers, one below the other, of which classes
// names the class, 0 … out−1.
func Train(rows []float32, in int, classes []int, out int, p Plan, s *rng.Stream) (*Classifier, error) {
	n := len(classes)
	if n == 0 || len(rows) != n*in || out < 1 || p.Hidden < 1 || p.Steps < 0 {
		return nil, fmt.Errorf("mlp: %d numbers for %d rows of %d, %d classes, %d hidden units, %d steps", len(rows), n, in, out, p.Hidden, p.Steps)
	}
	for i, y := range classes {
		if y < 0 || y >= out {
			return nil, fmt.Errorf("mlp: row %d is of class %d; expected 0 … %d", i, y, out-1)
		}
	}
	x, mean, by := standardised(rows, n, in)
	c := &Classifier{In: in, Hidden: p.Hidden, Out: out, B1: make([]float32, p.Hidden), B2: make([]float32, out)}
	c.W1, c.W2 = drawn(s, p.Hidden*in, in), drawn(s, out*p.Hidden, p.Hidden)
	t := newTraining(c, n)
	for range p.Steps {
		t.step(x, classes, p.LR)
	}
	for k := range c.Hidden { // what standardised the rows goes into the layer that reads them
		row := c.W1[k*in : (k+1)*in]
		shift := 0.0
		for j := range row {
			row[j] *= by[j]
			shift += float64(row[j]) * float64(mean[j])
		}
		c.B1[k] -= float32(shift)
	}
	return c, nil
}

// standardised are rows with mean 0 and deviation 1 in every column that varies.
func standardised(rows []float32, n, in int) (x kernel.Matrix, mean, by []float32) {
	x, mean, by = kernel.Of(make([]float32, len(rows)), n, in), make([]float32, in), make([]float32, in)
	for j := range in {
		sum, square := 0.0, 0.0
		for i := range n {
			sum += float64(rows[i*in+j])
		}
		m := sum / float64(n)
		for i := range n {
			d := float64(rows[i*in+j]) - m
			square += float64(d * d)
		}
		mean[j], by[j] = float32(m), 0
		if deviation := math.Sqrt(square / float64(n)); deviation > 1e-12 {
			by[j] = float32(1 / deviation)
		}
		for i := range n {
			x.Data[i*in+j] = (rows[i*in+j] - mean[j]) * by[j]
		}
	}
	return x, mean, by
}

// drawn are first weights: uniform, as a linear layer's of so many inputs usually are.
func drawn(s *rng.Stream, n, in int) []float32 {
	out, most := make([]float32, n), 1/math.Sqrt(float64(in))
	for i := range out {
		out[i] = float32(s.Uniform(-most, most))
	}
	return out
}

// training is a classifier with what its steps need.
type training struct {
	*Classifier
	params, grads, m, v [4][]float32
	h, y, dh            kernel.Matrix
	of                  []kernel.Labelled
	power1, power2      float64 // of the betas, to the steps done
}

func newTraining(c *Classifier, n int) *training {
	t := &training{Classifier: c, params: [4][]float32{c.W1, c.B1, c.W2, c.B2}, power1: 1, power2: 1}
	for i, p := range t.params {
		t.grads[i], t.m[i], t.v[i] = make([]float32, len(p)), make([]float32, len(p)), make([]float32, len(p))
	}
	t.h, t.dh = kernel.Of(make([]float32, n*c.Hidden), n, c.Hidden), kernel.Of(make([]float32, n*c.Hidden), n, c.Hidden)
	t.y, t.of = kernel.Of(make([]float32, n*c.Out), n, c.Out), make([]kernel.Labelled, n)
	return t
}

// step is one update.
func (t *training) step(x kernel.Matrix, classes []int, rate float64) {
	t.forward(t.y, t.h, x)
	for i, class := range classes {
		t.of[i] = kernel.Labelled{Label: class, Weight: float32(1 / float64(len(classes)))}
	}
	kernel.CrossEntropyBack(&t.y, t.of)
	dw2 := kernel.Of(t.grads[2], t.Out, t.Hidden)
	kernel.TN(&dw2, &t.y, &t.h, false)
	clear(t.grads[3])
	kernel.AddColumns(t.grads[3], t.y)
	w2 := kernel.Of(t.W2, t.Out, t.Hidden)
	kernel.NN(&t.dh, &t.y, &w2, false)
	for i, v := range t.h.Data {
		if v <= 0 {
			t.dh.Data[i] = 0
		}
	}
	dw1 := kernel.Of(t.grads[0], t.Hidden, t.In)
	kernel.TN(&dw1, &t.dh, &x, false)
	clear(t.grads[1])
	kernel.AddColumns(t.grads[1], t.dh)
	t.power1, t.power2 = t.power1*beta1, t.power2*beta2
	o := kernel.NewAdamW(beta1, beta2, tiny, math.Sqrt(1-t.power2))
	o.Pace(1, rate/(1-t.power1))
	for i, p := range t.params {
		o.Update(p, t.grads[i], t.m[i], t.v[i])
	}
}
