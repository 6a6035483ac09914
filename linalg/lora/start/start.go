// Package start makes the factors with which an adapter begins, where they are not random:
// from the spectrum of the weight (PiSSA, MiLoRA, AILoRA and its arms, MiCA, OLoRA), from the
// inputs of the layer (EVA, CorDA), or from the gradient (LoRA-GA). The random ones are
// lora.Kaiming and lora.Gaussian.
//
// What goes in are the frozen weight W (out×in), moments of data that somebody measured, a
// rank and a scale s; what comes out is a [Start]: B (out×rank), A (rank×in), and whether the
// base gives s·B·A up for them, so that at first the model computes what it did. Everything
// is a pure function in float64: same input, same bits. Where a decomposition leaves signs
// free they are fixed, and equal singular values have a fixed order.
//
// The package refuses to know models, and who measured what. Ranks above a weight's smaller
// side, moments of another size and numbers that are not finite are errors.
//
// Read spectral.go next: most of the rest is a choice of singular triples.
package start

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
)

// Start is where a pair begins.
type Start struct {
	B, A linalg.Dense
	// Moved says that the base becomes W − s·B·A, so that nothing changes at first. Without
	// it, B·A is 0 and the base stays.
	Moved bool
	// FreezeB says that the method trains A alone.
	FreezeB bool
}

// Residual is the weight that is frozen beside the pair: W − s·B·A, or W.
func (st Start) Residual(w linalg.Dense, scale float64) linalg.Dense {
	out := w.Scaled(1)
	if st.Moved {
		out.Add(-scale, linalg.Mul(st.B, st.A))
	}
	return out
}

// Pair is the start as a pair of module m, rounded to float32. Where the base moved, the
// pair's own start is what was rounded, so that its change is exactly 0.
func (st Start) Pair(m lora.Module, scale float64) lora.Pair {
	p := lora.Pair{Module: m.Name, Out: m.Out, In: m.In, Rank: st.A.Rows, A: st.A.Narrow(), B: st.B.Narrow(), Scale: scale}
	if st.Moved {
		p.A0, p.B0 = st.A.Narrow(), st.B.Narrow()
	}
	return p
}

// fits says what keeps a rank and a scale from being those of a start in w.
func fits(w linalg.Dense, rank int, scale float64) error {
	if rank < 1 || rank > lora.MaxRank(w.Rows, w.Cols) {
		return fmt.Errorf("start: rank %d in a weight of %d×%d, expected 1 to %d", rank, w.Rows, w.Cols, lora.MaxRank(w.Rows, w.Cols))
	}
	if !(scale > 0) || scale > 1e300 {
		return fmt.Errorf("start: scale %v, expected a finite number above 0: its root is in both factors", scale)
	}
	return nil
}
