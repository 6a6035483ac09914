package base

import (
	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
)

// An encoder that nobody trained a head on answers by a codebook: a frozen head whose rows, one
// a class, are of length 1 and at right angles, drawn by a seed. Which direction means which
// class says nothing about the data; what is trained before it learns to point there.

// codebookKey draws the codebook of a base.
func codebookKey(seed uint64) rng.Key { return rng.New(seed).At("codebook") }

// orthonormal draws rows at right angles to each other, as many at a time as they have numbers.
func orthonormal(s *rng.Stream) func(out, in int) []float32 {
	return func(out, in int) []float32 {
		w := make([]float32, 0, out*in)
		for len(w) < out*in {
			k := min(in, out-len(w)/in)
			x := linalg.NewDense(in, k)
			for i := range x.Data {
				x.Data[i] = s.Norm()
			}
			q, _, err := factor.QR(x)
			if err != nil {
				panic("base: normal numbers that are not finite: " + err.Error())
			}
			for j := range k {
				for i := range in {
					w = append(w, float32(q.Data[i*k+j]))
				}
			}
		}
		return w
	}
}

// withCodebook is a model whose head is a codebook.
func withCodebook(m *nn.Model, seed uint64) (*nn.Model, error) {
	draw, head := orthonormal(codebookKey(seed).Stream()), linalg.Tensors{}
	names := map[string]bool{}
	for _, name := range m.Config().HeadTensors() {
		names[name] = true
	}
	for _, s := range m.Sources() {
		if !names[s.Name] {
			continue
		}
		t := linalg.Tensor{Name: s.Name, Shape: s.Shape}
		if len(s.Shape) == 2 {
			t.Data = draw(s.Shape[0], s.Shape[1])
		} else {
			t.Data = make([]float32, s.Shape[0])
		}
		head.List = append(head.List, t)
	}
	return m.With(head)
}
