package start

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Orthogonal begins with two factors that are not 0 and whose product is: A spans the even
// rows of an orthogonal matrix, B the odd ones (PEFT's "orthogonal"). x is rank×rank, na
// in×rank/2 and nb rank/2×out, all normal; the rank is even. See [DrawOrthogonal].
func Orthogonal(x, na, nb linalg.Dense) (Start, error) {
	if x.Rows != x.Cols || x.Rows%2 != 0 || x.Rows == 0 || na.Cols != x.Rows/2 || nb.Rows != x.Rows/2 {
		return Start{}, fmt.Errorf("start: orthogonal from %d×%d, %d×%d and %d×%d, expected r×r, in×r/2 and r/2×out for an even rank r", x.Rows, x.Cols, na.Rows, na.Cols, nb.Rows, nb.Cols)
	}
	q, _, err := factor.QR(x)
	if err != nil {
		return Start{}, err
	}
	even, odd := linalg.NewDense(x.Rows/2, x.Rows), linalg.NewDense(x.Rows/2, x.Rows)
	for i := range even.Rows {
		copy(even.Row(i), q.Row(2*i))
		copy(odd.Row(i), q.Row(2*i+1))
	}
	return Start{A: linalg.Mul(na, even).Scaled(0.1).T(), B: linalg.Mul(nb.T(), odd).Scaled(0.1)}, nil
}

// DrawOrthogonal is [Orthogonal] with draws of the key.
func DrawOrthogonal(key rng.Key, out, in, rank int) (Start, error) {
	if rank < 2 || rank%2 != 0 {
		return Start{}, fmt.Errorf("start: orthogonal at rank %d, expected an even rank: half of it for each factor", rank)
	}
	return Orthogonal(gaussian(key.At("x"), rank, rank), gaussian(key.At("a"), in, rank/2), gaussian(key.At("b"), rank/2, out))
}
