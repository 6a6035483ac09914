package start

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
)

// Second gathers second moments of a layer's inputs, call by call: E[xxᵀ]. The zero value is
// ready.
type Second struct {
	// PerCall is PEFT's scaling in CorDA: each call's inputs are divided by |max X|, the size
	// of the largest entry with its sign, and the sum by the number of calls. It weighs
	// calls by neither their length nor their size.
	PerCall bool
	sum     linalg.Dense // Σ xxᵀ
	count   float64      // tokens, or calls
}

// Add takes the inputs of one forward call, tokens×in.
func (s *Second) Add(x linalg.Dense) error {
	if x.Rows == 0 || x.Cols == 0 {
		return fmt.Errorf("start: inputs of %d×%d, expected at least one token", x.Rows, x.Cols)
	}
	if s.sum.Data == nil {
		s.sum = linalg.NewDense(x.Cols, x.Cols)
	}
	if x.Cols != s.sum.Cols {
		return fmt.Errorf("start: inputs of width %d after inputs of width %d", x.Cols, s.sum.Cols)
	}
	weight, n := 1.0, float64(x.Rows)
	if s.PerCall {
		top := x.Data[0]
		for _, v := range x.Data {
			top = max(top, v)
		}
		if top == 0 {
			return fmt.Errorf("start: the largest input of a call is 0: it cannot be divided by")
		}
		weight, n = 1/(top*top), 1
	}
	s.sum.Add(weight, linalg.Mul(x.T(), x))
	s.count += n
	return nil
}

// Mean is the moment, in×in.
func (s *Second) Mean() linalg.Dense { return s.sum.Scaled(1 / s.count) }
