package main

import (
	"fmt"
	"io"
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

// logitsAsked is what logits is asked for.
type logitsAsked struct {
	model        modelFlags
	ids          []int32
	pair         string
	top          int
	all          bool
	into, output string
}

func newModelLogits() *cobra.Command {
	var a logitsAsked
	c := &cobra.Command{
		Use:   "logits --model DIR [--adapter DIR] TEXT...|PICTURE...",
		Short: "say which tokens a model thinks likely behind a text, or how an encoder answers it",
		Long: `Run a text, or token ids, through a language model and print the likeliest next tokens,
with logits and probabilities: behind the last token, or with --all behind each.

Of an encoder with a head the arguments are texts (with --pair the second text of each
pair), of a vision model PNG or JPEG files; printed are the likeliest classes of each,
where several may be there with a probability each, or the numbers of a regression.

With --into FILE, all logits are written as a safetensors file: "input_ids" and "logits",
tokens×vocabulary; or "logits", inputs×classes.`,
		Args: func(c *cobra.Command, args []string) error {
			if (len(args) > 0) == (a.ids != nil) {
				return misuse("usage: %s TEXT, or --ids 1,2,3", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.run(c, args) },
	}
	a.model.flags(c)
	c.Flags().Int32SliceVar(&a.ids, "ids", nil, "token ids instead of a text, as 1,17,4; no tokenizer is read")
	c.Flags().StringVar(&a.pair, "pair", "", "second text of a pair, for encoders")
	c.Flags().IntVar(&a.top, "top", 5, "so many tokens at each place, or classes")
	c.Flags().BoolVar(&a.all, "all", false, "behind every token, not the last alone")
	c.Flags().StringVar(&a.into, "into", "", "safetensors file to write, which must not be there")
	outputFlag(c, &a.output)
	return c
}

func (a *logitsAsked) run(c *cobra.Command, args []string) error {
	if err := checkOutput(a.output); err != nil {
		return err
	}
	if a.top < 1 {
		return misuse("--top %d: at least 1 was expected", a.top)
	}
	if err := vacant("--into", a.into); err != nil {
		return err
	}
	m, err := a.model.open(c, len(args) > 0, nil)
	if err != nil {
		return err
	}
	if m.Net.Config().Answer.Outputs > 0 {
		if a.ids != nil || a.all {
			return misuse("--ids and --all are for language models; this one answers for whole texts or pictures: give them as arguments")
		}
		return a.answers(c, m, args)
	}
	if len(args) > 1 || c.Flags().Changed("pair") {
		return misuse("%d arguments or --pair: one text was expected; several are for models whose head answers for whole ones", len(args))
	}
	ids := a.ids
	if len(args) == 1 {
		ids = m.Prompt(args[0])
	}
	l, err := m.Logits(ids)
	if err != nil {
		return misuse("%v", err)
	}
	if a.into != "" {
		if err := writeLogits(a.into, l); err != nil {
			return err
		}
	}
	o := describeLogits(m, l, a.top, a.all)
	if a.output == "json" {
		return printObject(c, o)
	}
	return o.print(c.OutOrStdout())
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

// writeLogits writes ids and logits.
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
	return writeNew(path, b)
}
