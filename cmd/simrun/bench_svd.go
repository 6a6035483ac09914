package main

import (
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/rng"
)

// svdBench is what `bench svd` prints.
type svdBench struct {
	D       int     `json:"d"`
	Rank    int     `json:"rank"` // of the product
	Top     int     `json:"top"`  // singular triples kept
	Repeats int     `json:"repeats"`
	MedianS float64 `json:"median_s"`
	BestS   float64 `json:"best_s"`
	// Residual is how far what was kept is from the product, in the kept left vectors:
	// ‖Uᵀ·B·A − Σ·Vᵀ‖ / ‖Σ‖.
	Residual float64 `json:"residual"`
	CPU      string  `json:"cpu"`
}

func newBenchSVD() *cobra.Command {
	b := svdBench{CPU: cpuName()}
	var output string
	c := &cobra.Command{
		Use:   "svd",
		Short: "seconds to cut a sum of adapters to a rank by SVD, in float64 on one core",
		Long: `bench svd times the singular value decomposition of a product B·A of random factors,
B being d×rank and A rank×d, cut to the --top largest triples: what a server does that
adds adapters up and sends them on at a smaller rank. Ten adapters of rank 32 at d = 4096
are --d 4096 --rank 320 --top 32.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			for _, flag := range []struct {
				name       string
				value, top int
			}{{"d", b.D, 1 << 15}, {"rank", b.Rank, b.D}, {"top", b.Top, b.Rank}, {"repeats", b.Repeats, 1000}} {
				if flag.value < 1 || flag.value > flag.top {
					return misuse("--%s %d: from 1 to %d was expected", flag.name, flag.value, flag.top)
				}
			}
			if err := b.measure(); err != nil {
				return err
			}
			if output == "json" {
				return printObject(c, b)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintf(w, "d\trank\ttop\tmedian\tbest\tresidual\tcpu\n%d\t%d\t%d\t%.4f s\t%.4f s\t%.2g\t%s\n", b.D, b.Rank, b.Top, b.MedianS, b.BestS, b.Residual, b.CPU)
			return w.Flush()
		},
	}
	c.Flags().IntVar(&b.D, "d", 4096, "rows of B and columns of A")
	c.Flags().IntVar(&b.Rank, "rank", 320, "columns of B and rows of A")
	c.Flags().IntVar(&b.Top, "top", 32, "singular triples to keep")
	c.Flags().IntVar(&b.Repeats, "repeats", 5, "times to do it, after one that is not counted")
	outputFlag(c, &output)
	return c
}

func (b *svdBench) measure() error {
	draw := func(name string, rows, cols int) linalg.Dense {
		s, m := rng.New(1).At(name).Stream(), linalg.NewDense(rows, cols)
		for i := range m.Data {
			m.Data[i] = s.Norm()
		}
		return m
	}
	left, right := draw("b", b.D, b.Rank), draw("a", b.Rank, b.D)
	var secs []float64
	var d factor.SVD
	for i := range b.Repeats + 1 {
		began := time.Now()
		var err error
		if d, err = factor.ProductTop(left, right, b.Top); err != nil {
			return err
		}
		if i > 0 {
			secs = append(secs, time.Since(began).Seconds())
		}
	}
	slices.Sort(secs)
	b.MedianS, b.BestS = secs[len(secs)/2], secs[0]
	off := linalg.Mul(linalg.Mul(d.U.T(), left), right)
	vt := d.V.T()
	for k, s := range d.Sigma {
		for j, v := range vt.Row(k) {
			off.Row(k)[j] -= float64(s * v)
		}
	}
	b.Residual = linalg.Norm(off.Data) / linalg.Norm(d.Sigma)
	return nil
}
