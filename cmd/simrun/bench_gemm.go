package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/rng"
)

// gemmRequest asks for the time of a product C (m×n) = op(A)·op(B): with ta, A is stored
// k×m; with tb, B is stored n×k.
type gemmRequest struct {
	Set  string  `json:"set,omitempty"`
	M    int     `json:"m"`
	N    int     `json:"n"`
	K    int     `json:"k"`
	TA   bool    `json:"ta"`
	TB   bool    `json:"tb"`
	Secs float64 `json:"secs,omitempty"`
}

// gemmResult is the answer; the request comes with it.
type gemmResult struct {
	gemmRequest
	Road   string  `json:"road"` // how the product was computed
	Ms     float64 `json:"ms"`   // median
	CPU    float64 `json:"cpu"`  // share of a core that the products had
	GFlops float64 `json:"gflops"`
	Peak   float64 `json:"peak_gflops"` // of fused multiply-adds in registers
}

// gemmShapes are what training multiplies: projections, few rows, heads, the vocabulary,
// the factors of a branch.
var gemmShapes = []gemmRequest{
	{"square", 64, 64, 64, false, false, 0}, {"square", 256, 256, 256, false, false, 0}, {"square", 1024, 1024, 1024, false, false, 0},
	{"projection", 128, 128, 128, false, true, 0}, {"projection", 512, 256, 256, false, true, 0}, {"projection", 2048, 576, 576, false, true, 0},
	{"few rows", 1, 512, 512, false, true, 0}, {"few rows", 4, 512, 512, false, true, 0}, {"few rows", 16, 512, 512, false, true, 0},
	{"attention QK", 64, 64, 32, false, true, 0}, {"attention PV", 64, 32, 64, false, false, 0}, {"vocabulary", 512, 8192, 128, false, true, 0},
	{"thin X.At", 512, 8, 256, false, true, 0}, {"thin Z.B", 512, 256, 8, false, false, 0}, {"thin dZt.X", 8, 256, 512, true, false, 0},
}

func newBenchGEMM() *cobra.Command {
	var form string
	var secs float64
	var serve, plain bool
	c := &cobra.Command{
		Use:   "gemm",
		Short: "matrix products on one core: ms, GFLOP/s, share of the processor's peak",
		Long: `bench gemm times float32 products as a training step calls them: where B is a weight
(stored n×k, with n and k from 64) it is packed beforehand, as frozen weights are; where
n is at most 16 the kernel of thin products runs; all else is packed within the call.
With --plain everything is. The column "road" says which it was.

With --serve it answers requests, one JSON object a line on stdin, each with m, n, k, ta,
tb and secs, until stdin ends.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(form)
			if err != nil {
				return err
			}
			if serve {
				return serveGEMM(c.InOrStdin(), c.OutOrStdout(), plain)
			}
			var all []gemmResult
			for _, q := range gemmShapes {
				q.Secs = secs
				r, err := q.answer(plain)
				if err != nil {
					return err
				}
				all = append(all, r)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), map[string]any{"cpu": cpuName(), "kernels": kernel.CPU(), "results": all})
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintf(w, "set\tm\tn\tk\troad\tms\tGFLOP/s\tpeak\tshare\t(%s, %s kernels)\n", cpuName(), kernel.CPU()) // Flush tells of errors
			for _, r := range all {
				_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%.4f\t%.1f\t%.1f\t%.0f %%\n", r.Set, r.M, r.N, r.K, r.Road, r.Ms, r.GFlops, r.Peak, 100*r.GFlops/r.Peak)
			}
			return w.Flush()
		},
	}
	outputFlag(c, &form)
	c.Flags().Float64Var(&secs, "secs", 0.2, "seconds for each shape")
	c.Flags().BoolVar(&serve, "serve", false, "answer requests on stdin")
	c.Flags().BoolVar(&plain, "plain", false, "pack nothing beforehand, and no thin kernels")
	return c
}

// serveGEMM answers line by line, so that two programs can take turns.
func serveGEMM(in io.Reader, out io.Writer, plain bool) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var q gemmRequest
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return misuse("a request that is no JSON object of the kind expected: %v: %s", err, lines.Text())
		}
		r, err := q.answer(plain)
		if err != nil {
			return err
		}
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%s\n", line); err != nil {
			return err
		}
	}
	return lines.Err()
}

// answer warms the product up and times it, in rounds of some tenths of a millisecond.
func (q gemmRequest) answer(plain bool) (gemmResult, error) {
	for _, side := range []struct {
		name string
		n    int
	}{{"m", q.M}, {"n", q.N}, {"k", q.K}} {
		if side.n < 1 || side.n > 1<<14 {
			return gemmResult{}, misuse("bench gemm: %s is %d; from 1 to %d was expected", side.name, side.n, 1<<14)
		}
	}
	if q.TA && q.TB {
		return gemmResult{}, misuse("bench gemm: ta and tb together; no layer needs this product")
	}
	road, run := q.product(plain)
	for range 3 {
		run()
	}
	peak := peakFlops(kernel.PeakLoop)
	flops := 2 * float64(q.M) * float64(q.N) * float64(q.K)
	inner := max(1, int(2e7/flops))
	var times []float64
	began, busy := time.Now(), cpuSeconds()
	for time.Since(began).Seconds() < q.Secs || len(times) < 3 {
		at := time.Now()
		for range inner {
			run()
		}
		times = append(times, time.Since(at).Seconds()/float64(inner))
	}
	share := (cpuSeconds() - busy) / time.Since(began).Seconds()
	slices.Sort(times)
	median := times[len(times)/2]
	return gemmResult{q, road, median * 1e3, share, flops / median / 1e9, max(peak, peakFlops(kernel.PeakLoop)) / 1e9}, nil
}

// product is the call that a training step would make, and its name.
func (q gemmRequest) product(plain bool) (road string, run func()) {
	s := rng.New(1).At("gemm").Stream()
	draw := func(rows, cols int, turned bool) kernel.Matrix {
		if turned {
			rows, cols = cols, rows
		}
		m := kernel.Of(make([]float32, rows*cols), rows, cols)
		for i := range m.Data {
			m.Data[i] = float32(s.Norm())
		}
		return m
	}
	a, b, c := draw(q.M, q.K, q.TA), draw(q.K, q.N, q.TB), draw(q.M, q.N, false)
	switch {
	case q.TA:
		return "TN", func() { kernel.TN(&c, &a, &b, false) }
	case !q.TB:
		return "NN", func() { kernel.NN(&c, &a, &b, false) }
	case !plain && q.N <= 16:
		return "thin", func() { kernel.ThinNT(c, a, b, 1) }
	case !plain && q.N >= 64 && q.K >= 64:
		p := kernel.PackNT(b)
		return "packed", func() { p.Mul(c, a, kernel.Epilogue{}) }
	}
	return "NT", func() { kernel.NT(&c, &a, &b, false) }
}
