// Package mlp is a small classifier of vectors: one hidden layer of rectified units, trained on
// all examples at once. Routers that judge an input as a whole have one, with a class for each
// expert.
//
// What goes in are rows of numbers with a class each, and a stream for the first weights; what
// comes out is a classifier that travels as tensors and gives a score for each class. The same
// rows and stream give the same bits. Inputs are standardised by what they were in training;
// that is folded into the first layer.
//
// The package refuses to know experts, texts and models. Read train.go for how it learns.
package mlp

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
)

const kind = "classifier"

// Classifier gives scores: W2·max(0, W1·x + B1) + B2.
type Classifier struct {
	In, Hidden, Out int
	W1, B1          []float32 // Hidden×In
	W2, B2          []float32 // Out×Hidden
}

// Tensors is the classifier as the content of a blob.
func (c *Classifier) Tensors() linalg.Tensors {
	return linalg.Tensors{Meta: map[string]string{"kind": kind}, List: []linalg.Tensor{
		{Name: "hidden.weight", Shape: []int{c.Hidden, c.In}, Data: c.W1}, {Name: "hidden.bias", Shape: []int{c.Hidden}, Data: c.B1},
		{Name: "out.weight", Shape: []int{c.Out, c.Hidden}, Data: c.W2}, {Name: "out.bias", Shape: []int{c.Out}, Data: c.B2}}}
}

// Parse reads what [Classifier.Tensors] wrote.
func Parse(t linalg.Tensors) (*Classifier, error) {
	if t.Meta["kind"] != kind || len(t.List) != 4 || len(t.List[0].Shape) != 2 || len(t.List[2].Shape) != 2 {
		return nil, fmt.Errorf("mlp: these tensors are of kind %q; expected a %s of four tensors", t.Meta["kind"], kind)
	}
	l := t.List
	c := &Classifier{In: l[0].Shape[1], Hidden: l[0].Shape[0], Out: l[2].Shape[0], W1: l[0].Data, B1: l[1].Data, W2: l[2].Data, B2: l[3].Data}
	if len(c.W1) != c.Hidden*c.In || len(c.B1) != c.Hidden || len(c.W2) != c.Out*c.Hidden || len(c.B2) != c.Out || c.In < 1 || c.Out < 1 {
		return nil, fmt.Errorf("mlp: layers of %d×%d and %d×%d with %d and %d numbers", c.Hidden, c.In, c.Out, c.Hidden, len(c.W1), len(c.W2))
	}
	return c, nil
}

// Class is the class of the largest score of a row, of equals the first.
func (c *Classifier) Class(row []float32) int {
	if len(row) != c.In {
		panic(fmt.Sprintf("mlp: %d numbers for a classifier of %d", len(row), c.In))
	}
	x := kernel.Of(row, 1, c.In)
	h, y := kernel.Of(make([]float32, c.Hidden), 1, c.Hidden), kernel.Of(make([]float32, c.Out), 1, c.Out)
	c.forward(y, h, x)
	return kernel.ArgMax(y.Data)
}

// forward leaves the rectified units in h and the scores in y.
func (c *Classifier) forward(y, h, x kernel.Matrix) {
	w1 := kernel.Of(c.W1, c.Hidden, c.In)
	kernel.NT(&h, &x, &w1, false)
	for i := range h.Rows {
		kernel.Add(h.Row(i), c.B1)
	}
	kernel.ReLU.Apply(h, h)
	w2 := kernel.Of(c.W2, c.Out, c.Hidden)
	kernel.NT(&y, &h, &w2, false)
	for i := range y.Rows {
		kernel.Add(y.Row(i), c.B2)
	}
}
