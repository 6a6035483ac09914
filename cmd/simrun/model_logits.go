package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/sim/solo"
)

// logitsObject is what `model logits -o json` prints.
type logitsObject struct {
	IDs    []int32       `json:"ids"`
	Tokens []string      `json:"tokens,omitempty"`
	Places []placeObject `json:"places"`
}

// placeObject is what may come behind one place.
type placeObject struct {
	Place int            `json:"place"`
	Top   []likelyObject `json:"top"`
}

type likelyObject struct {
	ID    int32   `json:"id"`
	Token string  `json:"token,omitempty"`
	Logit float32 `json:"logit"`
	Prob  float64 `json:"prob"`
}

func newModelLogits() *cobra.Command {
	var f modelFlags
	var ids []int32
	var top int
	var all bool
	var into, output string
	c := &cobra.Command{
		Use:   "logits --model DIR [--adapter DIR] TEXT",
		Short: "say which tokens a model thinks likely behind a text",
		Long: `Run a text, or token ids, through a model and print the likeliest next tokens, with
logits and probabilities: behind the last token, or with --all behind each. With
--into FILE, all logits are written as a safetensors file: "input_ids" and "logits",
tokens×vocabulary.`,
		Args: func(c *cobra.Command, args []string) error {
			if (len(args) == 1) == (ids != nil) || len(args) > 1 {
				return misuse("usage: %s TEXT, or --ids 1,2,3", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if top < 1 {
				return misuse("--top %d: at least 1 was expected", top)
			}
			m, err := f.open(c, len(args) == 1)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				ids = m.Prompt(args[0])
			}
			l, err := m.Logits(ids)
			if err != nil {
				return misuse("%v", err)
			}
			if into != "" {
				if err := writeLogits(into, l); err != nil {
					return err
				}
			}
			o := describeLogits(m, l, top, all)
			if output == "json" {
				return printObject(c, o)
			}
			return o.print(c.OutOrStdout())
		},
	}
	f.flags(c)
	c.Flags().Int32SliceVar(&ids, "ids", nil, "token ids instead of a text, as 1,17,4; no tokenizer is read")
	c.Flags().IntVar(&top, "top", 5, "so many tokens at each place")
	c.Flags().BoolVar(&all, "all", false, "behind every token, not the last alone")
	c.Flags().StringVar(&into, "into", "", "safetensors file to write, which must not be there")
	outputFlag(c, &output)
	return c
}

func describeLogits(m *solo.Model, l solo.Logits, top int, all bool) logitsObject {
	o := logitsObject{IDs: l.IDs}
	from := len(l.IDs) - 1
	if all {
		from = 0
	}
	if m.Tokenizer != nil {
		for _, id := range l.IDs {
			o.Tokens = append(o.Tokens, m.Piece(id))
		}
	}
	for t := from; t < len(l.IDs); t++ {
		p := placeObject{Place: t}
		for _, x := range l.Top(t, top) {
			p.Top = append(p.Top, likelyObject{x.ID, m.Piece(x.ID), x.Logit, x.Prob})
		}
		o.Places = append(o.Places, p)
	}
	return o
}

func (o logitsObject) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells of errors
	_, _ = fmt.Fprintln(w, "behind\ttoken\tid\tlogit\tprobability")
	for _, p := range o.Places {
		behind := strconv.Itoa(int(o.IDs[p.Place]))
		if o.Tokens != nil {
			behind = strconv.Quote(o.Tokens[p.Place])
		}
		for _, x := range p.Top {
			token := ""
			if o.Tokens != nil {
				token = strconv.Quote(x.Token)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%.4f\t%.4f\n", behind, token, x.ID, x.Logit, x.Prob)
		}
	}
	return w.Flush()
}

// writeLogits writes a file that must not be there yet.
func writeLogits(path string, l solo.Logits) error {
	ids := make([]float32, len(l.IDs)) // exact: ids are below 2²⁴
	for i, id := range l.IDs {
		ids[i] = float32(id)
	}
	b, err := safetensors.EncodeTensors(linalg.Tensors{List: []linalg.Tensor{
		{Name: "input_ids", Shape: []int{len(ids)}, Data: ids}, {Name: "logits", Shape: []int{len(ids), l.Vocab}, Data: l.All}}})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if os.IsExist(err) {
		return misuse("--into %s: the file is there already; it is not overwritten", path)
	}
	if err != nil {
		return err
	}
	if _, err := file.Write(b); err != nil {
		_ = file.Close() // the first error counts
		return err
	}
	return file.Close()
}
