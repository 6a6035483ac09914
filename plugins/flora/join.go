package flora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// joined is what was seen while adapters were joined.
type joined struct {
	low, high int // ranks that clients trained at
	floats    int // numbers in their adapters
}

// join hands every reported adapter to add, in order, with its share p_k = n_k/Σn of the
// examples behind those reports that came: whoever is missing is missing from Σn too.
func join(r method.FoldRequest, add func(share float64, a lora.Adapter) error) (joined, error) {
	var seen joined
	n, err := method.Examples(r.Reports)
	if err != nil {
		return seen, err
	}
	if n <= 0 {
		return seen, fmt.Errorf("flora: %d reports, and not one example behind them: shares by examples are undefined", r.Reports.Len())
	}
	for rep, err := range r.Reports.All() {
		if err != nil {
			return seen, err
		}
		a, err := open(r.Blobs, rep)
		if err != nil {
			return seen, err
		}
		if err := add(float64(rep.Examples)/n, a); err != nil {
			return seen, fmt.Errorf("flora: the report of %s: %w", rep.From, err)
		}
		seen.note(a)
	}
	return seen, nil
}

func open(blobs method.Blobs, rep method.Report) (lora.Adapter, error) {
	b := rep.Blob(upload)
	if b == "" {
		return nil, fmt.Errorf("flora: the report of %s has no %q", rep.From, upload)
	}
	t, err := blobs.Open(b)
	if err != nil {
		return nil, err
	}
	a, err := lora.Parse(t)
	if err != nil {
		return nil, fmt.Errorf("flora: the report of %s: %w", rep.From, err)
	}
	return a, nil
}

func (j *joined) note(a lora.Adapter) {
	rank := a.Rank()
	if j.floats == 0 {
		j.low = rank
	}
	j.low, j.high = min(j.low, rank), max(j.high, rank)
	j.floats += a.Floats()
}

// values are the ranks that clients trained at: "rank" where it was one for all, else
// the smallest and the largest.
func (j joined) values() []method.Value {
	if j.low == j.high {
		return []method.Value{{Name: "rank", Value: float64(j.low), Weight: 1}}
	}
	return []method.Value{
		{Name: "rank.min", Value: float64(j.low), Weight: 1},
		{Name: "rank.max", Value: float64(j.high), Weight: 1},
	}
}

// meanFlops counts a product and a sum for each number.
func (j joined) meanFlops() float64 { return 2 * float64(j.floats) }

// stackFlops counts a product for each number stacked, and where the stack became dense
// the products and sums of B·A: two for each number of the factors and each row or
// column across from it.
func (j joined) stackFlops(sum lora.Adapter) float64 {
	flops := float64(j.floats)
	for _, p := range sum {
		if p.Dense() {
			flops += float64(2 * float64(p.Out) * float64(p.In) * float64(j.floats) / float64(widths(sum)))
		}
	}
	return flops
}

// widths is the sum of out + in over the modules: numbers per rank of an adapter.
func widths(a lora.Adapter) int {
	n := 0
	for _, p := range a {
		n += p.Out + p.In
	}
	return n
}
