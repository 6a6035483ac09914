package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
)

// routeBench is what `bench route -o json` prints.
type routeBench struct {
	CPU     string        `json:"cpu"`
	Kernels string        `json:"kernels"`
	Results []routeResult `json:"results"`
}

// routeResult is a forward pass with so many experts beside one without.
type routeResult struct {
	Experts int     `json:"experts"`
	PlainMs float64 `json:"plain_ms"` // medians of passes that took turns
	MixedMs float64 `json:"mixed_ms"`
	Times   float64 `json:"times"`   // median of the ratios of neighbours
	Best    float64 `json:"best"`    // ratio of the fastest passes, which others disturb least
	Nominal float64 `json:"nominal"` // the ratio of multiplications with weights of the blocks
}

// routeShape is the model that experts are added to: every linear map of its blocks.
type routeShape struct{ d, layers, heads, vocab, tokens, batch, rank, topK int }

func newBenchRoute() *cobra.Command {
	var form string
	var secs float64
	shape := routeShape{d: 128, layers: 4, heads: 4, vocab: 1024, tokens: 64, batch: 8}
	c := &cobra.Command{
		Use:   "route",
		Short: "a forward pass through a mixture of experts against the plain model, on one core",
		Long: `bench route times forward passes (blocks, without the head) of a small transformer, 8
sequences of 64 tokens at width 128, plain and with experts on every linear map of every
block, of whom each token goes to the best by its own scores. The two take turns.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(form)
			if err != nil {
				return err
			}
			if shape.rank < 1 || shape.rank > 1<<12 || shape.topK < 1 || shape.topK > 2 || !(secs >= 0) {
				return misuse("bench route: rank %d, top-k %d, secs %g; expected a rank from 1, 1 or 2 experts a token, and no negative time", shape.rank, shape.topK, secs)
			}
			b := routeBench{CPU: cpuName(), Kernels: kernel.CPU()}
			for _, n := range []int{2, 4, 8, 16, 32} {
				r, err := shape.time(n, secs)
				if err != nil {
					return err
				}
				b.Results = append(b.Results, r)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), b)
			}
			return b.table(c.OutOrStdout())
		},
	}
	outputFlag(c, &form)
	c.Flags().IntVar(&shape.rank, "rank", 8, "of each expert")
	c.Flags().IntVar(&shape.topK, "top-k", 2, "experts that a token goes to")
	c.Flags().Float64Var(&secs, "secs", 1, "seconds for each number of experts")
	return c
}

// time builds a model twice, once with experts, and lets the two take turns.
func (q routeShape) time(experts int, secs float64) (routeResult, error) {
	c, err := nn.Design("gpt2", nn.Shape{Vocab: q.vocab, Width: q.d, Inner: 4 * q.d, Layers: q.layers, Heads: q.heads, KVHeads: q.heads, Context: q.tokens})
	if err != nil {
		return routeResult{}, err
	}
	s := rng.New(1).At("bench", "route").Stream()
	m, err := nn.New(c, 0.02, s)
	if err != nil {
		return routeResult{}, err
	}
	plain, mixed := nn.NewRunner(m), nn.NewRunner(m)
	base, extra, err := q.experts(mixed, experts, s)
	if err != nil {
		return routeResult{}, err
	}
	var batch nn.Batch
	for range q.batch {
		ids := make([]int32, q.tokens)
		for t := range ids {
			ids[t] = int32(s.IntN(q.vocab))
		}
		batch.IDs = append(batch.IDs, ids)
	}
	pass := func(r *nn.Runner) float64 {
		at := time.Now()
		if err := r.Forward(batch); err != nil {
			panic(err) // a batch of the model's own making
		}
		return time.Since(at).Seconds() * 1e3
	}
	for range 3 {
		pass(plain)
		pass(mixed)
	}
	var a, b, times []float64
	for began := time.Now(); time.Since(began).Seconds() < secs || len(times) < 9; {
		x, y := pass(plain), pass(mixed)
		a, b, times = append(a, x), append(b, y), append(times, y/x)
	}
	return routeResult{Experts: experts, PlainMs: middle(a), MixedMs: middle(b), Times: middle(times), Best: slices.Min(b) / slices.Min(a), Nominal: 1 + extra/base}, nil
}

// experts attaches a router to every linear map of the blocks, and counts the
// multiplications of a token with the maps' weights and with what is added.
func (q routeShape) experts(r *nn.Runner, n int, s *rng.Stream) (base, extra float64, err error) {
	draw := func(n int, std float64) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(std * s.Norm())
		}
		return x
	}
	modules, err := r.Model().Config().Select([]string{"*.q", "*.k", "*.v", "*.o", "*.up", "*.down"})
	if err != nil {
		return 0, 0, err
	}
	for _, x := range modules {
		router := &nn.Router{Module: x.Name, Keys: draw(n*x.In, 1), TopK: q.topK, Epsilon: 1e-5}
		for range n {
			router.Experts = append(router.Experts, &nn.Branch{Module: x.Name, Rank: q.rank, Scale: 2,
				A: draw(q.rank*x.In, 1/math.Sqrt(float64(x.In))), B: draw(x.Out*q.rank, 0.01)})
		}
		if err := r.Route(router); err != nil {
			return 0, 0, err
		}
		base += float64(x.In * x.Out)
		extra += float64(n*x.In + q.topK*q.rank*(x.In+x.Out))
	}
	return base, extra, nil
}

// middle is the median; the numbers are sorted on the way.
func middle(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

func (b routeBench) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "experts\tplain ms\tmixed ms\ttimes\tbest\tnominal\t(%s, %s kernels)\n", b.CPU, b.Kernels) // Flush tells of errors
	for _, r := range b.Results {
		_, _ = fmt.Fprintf(w, "%d\t%.3f\t%.3f\t%.2f\t%.2f\t%.2f\n", r.Experts, r.PlainMs, r.MixedMs, r.Times, r.Best, r.Nominal)
	}
	return w.Flush()
}
