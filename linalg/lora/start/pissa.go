package start

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/rng"
)

// PiSSA begins from the principal triples of the weight (Meng et al. 2024).
func PiSSA(w linalg.Dense, rank int, scale float64) (Start, error) {
	return ofWeight(w, rank, scale, Largest)
}

// FastPiSSA is PiSSA by a randomised decomposition: passes are the subspace iterations, PEFT's
// niter. The base moves by just what the factors are, so the start is exact however rough the
// triples.
func FastPiSSA(w linalg.Dense, rank int, scale float64, passes int, key rng.Key) (Start, error) {
	if err := fits(w, rank, scale); err != nil {
		return Start{}, err
	}
	if passes < 0 {
		return Start{}, fmt.Errorf("start: %d passes over the weight, expected at least 0", passes)
	}
	d, err := factor.TopSVD(w, rank, passes, key)
	if err != nil {
		return Start{}, err
	}
	return Spectral(d, Largest(len(d.Sigma), rank), scale)
}
