package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// engineBench is what `bench engine -o json` prints.
type engineBench struct {
	CPU     string         `json:"cpu"`
	Kernels string         `json:"kernels"`
	Results []engineResult `json:"results"`
}

// engineSetups are models from very small to small, with batches of many and few tokens.
var engineSetups = []struct {
	name                                   string
	vocab, d, layers, heads, tokens, batch int
}{
	{"d64 T32 B8", 1024, 64, 2, 4, 32, 8}, {"d64 T64 B32", 1024, 64, 2, 4, 64, 32},
	{"d128 T64 B8", 1024, 128, 4, 4, 64, 8}, {"d128 T128 B16", 1024, 128, 4, 4, 128, 16},
	{"d256 T64 B8", 2048, 256, 4, 4, 64, 8}, {"d256 T128 B8", 2048, 256, 6, 4, 128, 8},
	{"d512 T64 B8", 8192, 512, 8, 8, 64, 8},
	{"few d64 T16 B1", 1024, 64, 2, 4, 16, 1}, {"few d128 T32 B1", 1024, 128, 4, 4, 32, 1}, {"few d256 T16 B1", 2048, 256, 4, 4, 16, 1},
}

func newBenchEngine() *cobra.Command {
	var form, family, only, dtype string
	var rank int
	var secs float64
	var serve bool
	c := &cobra.Command{
		Use:   "engine",
		Short: "steps of LoRA training on one core: ms, tokens a second, share of the processor's peak",
		Long: `bench engine times whole training steps of small transformers with random weights, on
one core: forward, backward and AdamW, with LoRA on q and v and the rest frozen. GFLOP/s
are nominal: dense attention, no gradient of frozen weights; the peak is that of fused
multiply-adds in registers, timed beside each figure. With --dtype bfloat16 products by
frozen weights round both of their sides ("precision: bf16" in scenarios), and the peak
is that of dot products of pairs where the processor has them.

With --serve it answers requests, one JSON object a line on stdin, each with family (gpt
or llama), vocab, d, layers, heads, seq, batch, rank, secs and as wished dtype, until
stdin ends.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(form)
			if err != nil {
				return err
			}
			if serve {
				return serveEngine(c.InOrStdin(), c.OutOrStdout())
			}
			b := engineBench{CPU: cpuName(), Kernels: kernelsFor(dtype)}
			for _, s := range engineSetups {
				if !strings.Contains(s.name, only) {
					continue
				}
				q := engineRequest{Family: family, Vocab: s.vocab, D: s.d, Layers: s.layers, Heads: s.heads, Tokens: s.tokens, Batch: s.batch, Rank: rank, DType: dtype, Secs: secs}
				r, err := q.answer()
				if err != nil {
					return err
				}
				r.Name = s.name
				b.Results = append(b.Results, r)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), b)
			}
			return b.table(c.OutOrStdout())
		},
	}
	outputFlag(c, &form)
	c.Flags().StringVar(&family, "family", "gpt", "gpt or llama")
	c.Flags().StringVar(&only, "only", "", "setups whose name has this in it")
	c.Flags().IntVar(&rank, "rank", 8, "of the LoRA on q and v")
	c.Flags().StringVar(&dtype, "dtype", "float32", "float32 or bfloat16")
	c.Flags().Float64Var(&secs, "secs", 0.7, "seconds for each setup")
	c.Flags().BoolVar(&serve, "serve", false, "answer requests on stdin")
	return c
}

func (b engineBench) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "setup\tms\ttokens/s\tGFLOP/s\tpeak\tshare\t(%s, %s kernels)\n", b.CPU, b.Kernels) // Flush tells of errors
	for _, r := range b.Results {
		_, _ = fmt.Fprintf(w, "%s\t%.3f\t%.0f\t%.1f\t%.1f\t%.0f %%\n", r.Name, r.Ms, r.TokensPerSec, r.GFlops, r.Peak, 100*r.GFlops/r.Peak)
	}
	return w.Flush()
}

// serveEngine answers line by line, so that two programs can take turns.
func serveEngine(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var q engineRequest
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return misuse("a request that is no JSON object of the kind expected: %v: %s", err, lines.Text())
		}
		r, err := q.answer()
		if err != nil {
			return err
		}
		if err := writeJSON(out, r); err != nil {
			return err
		}
	}
	return lines.Err()
}
