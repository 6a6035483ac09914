package factor

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/rng"
)

// TopSVD approximates the k largest singular triples of a by subspace iteration (Halko,
// Martinsson, Tropp 2011, algorithm 4.4): a random sketch of k+max(8, k) columns, then so
// many passes by a·aᵀ with a QR between every two products, then the SVD of what is left. The
// cost is that of 2·passes+2 thin products, against rows·cols·min(rows, cols) for [Decompose].
// Draws are the key's: same key, same triples.
//
// Each pass squares how far the triples that are wanted stand out from the others; with two,
// values that decay at all are right to 1e-3, and a flat spectrum has no top to find.
func TopSVD(a linalg.Dense, k, passes int, key rng.Key) (SVD, error) {
	if !finite(a.Data) {
		return SVD{}, ErrNotFinite
	}
	q := min(a.Rows, a.Cols)
	if k < 0 || passes < 0 {
		panic(fmt.Sprintf("factor: the top %d triples by %d passes", k, passes))
	}
	k = min(k, q)
	width := min(k+max(8, k), q)
	if width == q { // the sketch would be the matrix
		d, err := Decompose(a)
		return d.Top(k), err
	}
	sketch := linalg.NewDense(a.Cols, width)
	s := key.At("sketch", a.Cols, width).Stream()
	for i := range sketch.Data {
		sketch.Data[i] = s.Norm()
	}
	left, _, err := QR(times(a, sketch))
	for range passes {
		var right linalg.Dense
		if err == nil {
			right, _, err = QR(turnedTimes(a, left))
		}
		if err == nil {
			left, _, err = QR(times(a, right))
		}
	}
	if err != nil {
		return SVD{}, err
	}
	return ProductTop(left, turnedTimes(left, a), k)
}

// times is a·b, and turnedTimes aᵀ·b, by the fast products.
func times(a, b linalg.Dense) linalg.Dense {
	c := linalg.NewDense(a.Rows, b.Cols)
	kernel.NN64(whole(c), whole(a), whole(b), false)
	return c
}

func turnedTimes(a, b linalg.Dense) linalg.Dense {
	c := linalg.NewDense(a.Cols, b.Cols)
	kernel.TN64(whole(c), whole(a), whole(b), false)
	return c
}
