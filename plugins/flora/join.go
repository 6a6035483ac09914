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
	return each(r, upload, func(share float64, _ method.Report, f lora.Factors) error {
		a, err := whole(f)
		if err != nil {
			return err
		}
		return add(share, a)
	})
}

// whole is an adapter, which single factors are not.
func whole(f lora.Factors) (lora.Adapter, error) { return lora.Adapter(f), lora.Adapter(f).Check() }

// each is join for whatever was uploaded under a name, with the report that brings it.
func each(r method.FoldRequest, what string, add func(share float64, rep method.Report, f lora.Factors) error) (joined, error) {
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
		f, err := made(r.Blobs, rep, what)
		if err == nil {
			err = add(float64(rep.Examples)/n, rep, f)
		}
		if err != nil {
			return seen, fmt.Errorf("flora: the report of %s: %w", rep.From, err)
		}
		seen.note(f)
	}
	return seen, nil
}

// made is what a report brings under a name: an adapter, or single factors of one.
func made(blobs method.Blobs, rep method.Report, what string) (lora.Factors, error) {
	b := rep.Blob(what)
	if b == "" {
		return nil, fmt.Errorf("it has no %q", what)
	}
	return factorsIn(b, blobs)
}

func factorsIn(b method.Blob, blobs method.Blobs) (lora.Factors, error) {
	t, err := blobs.Open(b)
	if err != nil {
		return nil, err
	}
	return lora.ParseFactors(t)
}

func (j *joined) note(f lora.Factors) {
	rank, floats := 0, 0
	for _, p := range f {
		rank = max(rank, p.Rank)
		floats += p.Floats()
	}
	if j.floats == 0 {
		j.low = rank
	}
	j.low, j.high = min(j.low, rank), max(j.high, rank)
	j.floats += floats
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

// cutFlops counts a QR of both factors of the stack, the SVD of its core, and the way back
// (Golub and Van Loan, §5.2 and §8.6): of the order of what is done, not to the operation.
func (j joined) cutFlops(sum lora.Adapter) float64 {
	width := widths(sum)
	rank := float64(j.floats) / float64(width) // Σ r_k
	core := float64(22 * rank * rank * rank)
	return float64(4*float64(width)*rank*rank) + float64(len(sum))*core
}
