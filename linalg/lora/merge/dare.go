package merge

import (
	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Mask says which entries of a part's matrix DARE keeps: rows×cols answers, row by row. What
// is "A", "B" or "delta".
type Mask func(module, what, part string, rows, cols int) []bool

// Drawn is a mask that keeps each entry by a draw of its own. The draws are named by module,
// matrix and part: neither the order nor the number of the others can be seen in them.
func Drawn(key rng.Key, density float64) Mask {
	return func(module, what, part string, rows, cols int) []bool {
		s := key.At("dare", module, what, part).Stream()
		keep := make([]bool, rows*cols)
		for i := range keep {
			keep[i] = s.Float64() < density
		}
		return keep
	}
}

// The dare merges keep random entries, made larger by what was dropped (Yu et al. 2024), and
// add them up or let them vote.
func dareLinear(m module) (joined, error)    { return m.factors(joiner(add).after(drop)) }
func dareLinearSVD(m module) (joined, error) { return m.products(joiner(add).after(drop)) }
func dareTIES(m module) (joined, error)      { return m.factors(joiner(elect).after(drop)) }
func dareTIESSVD(m module) (joined, error)   { return m.products(joiner(elect).after(drop)) }

// drop zeroes what the mask does not keep and divides the rest by the density. Density is
// the share that stays; the paper's p is the share that goes.
func drop(m module, what, part string, x linalg.Dense) linalg.Dense {
	if m.Density == 1 {
		return x
	}
	left := linalg.NewDense(x.Rows, x.Cols)
	for i, kept := range m.Mask(m.name, what, part, x.Rows, x.Cols) {
		if kept {
			left.Data[i] = x.Data[i] / m.Density
		}
	}
	return left
}
