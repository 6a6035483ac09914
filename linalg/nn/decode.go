package nn

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Decode says how tokens are chosen. Filters apply in the order of the fields, as in
// Transformers.
type Decode struct {
	Temperature float64 // 0: the first choice, always; nothing is drawn
	TopK        int     // only the k likeliest; 0: all
	TopP        float64 // only the likeliest whose probabilities first reach p together; 0: all
	Tokens      int     // to write, at most
	Stop        []int   // end after any of these, which is written too
	// Until, if not nil, is told of each token as soon as it is chosen, with all that its
	// prompt was continued by so far; true ends that prompt.
	Until func(prompt int, c Continuation) bool
	// Shares is what [Batch] says of it, a row for each prompt.
	Shares [][]float32
}

// Check refuses what has no meaning.
func (d Decode) Check() error {
	switch {
	case !(d.Temperature >= 0):
		return fmt.Errorf("temperature is %g; expected 0 or more", d.Temperature)
	case d.TopK < 0:
		return fmt.Errorf("top_k is %d; expected 0 or more", d.TopK)
	case !(d.TopP >= 0 && d.TopP <= 1):
		return fmt.Errorf("top_p is %g; expected 0 … 1", d.TopP)
	case d.Tokens < 1:
		return fmt.Errorf("tokens to write: %d; expected at least 1", d.Tokens)
	}
	return nil
}

// ends says whether a continuation is over, and tells who watches.
func (d Decode) ends(prompt int, c Continuation) bool {
	ended := d.Until != nil && d.Until(prompt, c)
	return ended || c.Stopped || len(c.IDs) == d.Tokens
}

// choose picks a token. The logits are left as they are.
func (d Decode) choose(logits []float32, s *rng.Stream) int {
	if d.Temperature == 0 {
		return kernel.ArgMax(logits)
	}
	order := make([]int, len(logits))
	for i := range order {
		order[i] = i
	}
	// Likeliest first; among equals the lowest id, so that the cut is the same everywhere.
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case logits[a] > logits[b]:
			return -1
		case logits[a] < logits[b]:
			return 1
		}
		return 0
	})
	if d.TopK > 0 {
		order = order[:min(d.TopK, len(order))]
	}
	p, sum := make([]float64, len(order)), 0.0
	top := logits[order[0]]
	for i, id := range order {
		p[i] = float64(kernel.Exp(float32(float64(logits[id]-top) / d.Temperature)))
		sum += p[i]
	}
	if d.TopP > 0 {
		order, sum = nucleus(order, p, d.TopP*sum)
	}
	left := float64(s.Float64() * sum)
	for i, id := range order {
		left -= p[i]
		if left < 0 {
			return id
		}
	}
	return order[0] // rounding left a crumb at the end
}

// nucleus keeps the fewest entries whose probabilities reach the mass together.
func nucleus(order []int, p []float64, mass float64) ([]int, float64) {
	var sum float64
	for i := range order {
		sum += p[i]
		if sum >= mass {
			return order[:i+1], sum
		}
	}
	return order, sum
}
