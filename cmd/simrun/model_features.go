package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/solo"
)

// featuresObject is what `model features -o json` prints.
type featuresObject struct {
	Model    string          `json:"model"`
	Layer    int             `json:"layer"`
	Pool     string          `json:"pool"`
	Width    int             `json:"width"`
	Features []featureObject `json:"features"`
}

type featureObject struct {
	Input     string    `json:"input"`
	Places    int       `json:"places"`
	Truncated bool      `json:"truncated"`
	Numbers   []float32 `json:"numbers"` // width; with --pool none places×width
}

// featuresAsked is what features is asked for.
type featuresAsked struct {
	model        modelFlags
	from         textFlags
	ids          []int32
	pair         string
	pooling      nn.Pooling
	into, output string
	quiet        bool
}

func newModelFeatures() *cobra.Command {
	var a featuresAsked
	c := &cobra.Command{
		Use:   "features --model DIR [--adapter DIR] [TEXT...|PICTURE...]",
		Short: "give the hidden states of any layer, pooled: embeddings of texts and pictures",
		Long: `Run texts (of arguments, of a file or of stdin, a line each), token ids, or of a vision
model PNG or JPEG files, through a model, and give the hidden states that stand for each.

--layer counts blocks: 0 is the embedding, N what block N leaves, as hidden_states has
them in Transformers; -1 is behind the final norm: last_hidden_state (in language models
Transformers calls that hidden_states[N] of the last block, too). Of an encoder-decoder
they are the encoder's. --pool takes the mean over all tokens or places, the first (of
encoders and vision models the class token), the last, or none: each by itself.

Printed are length and first numbers of each; -o json has all. With --into FILE they are
written as a safetensors file: "features", inputs×width, and "places", how many tokens
each input has; with --pool none the rows of all inputs, one behind the other.`,
		RunE: func(c *cobra.Command, args []string) error { return a.run(c, args) },
	}
	a.model.flags(c)
	a.from.flags(c)
	c.Flags().Int32SliceVar(&a.ids, "ids", nil, "token ids instead of texts, as 1,17,4; no tokenizer is read")
	c.Flags().StringVar(&a.pair, "pair", "", "second text of each pair, for encoders")
	c.Flags().IntVar(&a.pooling.After, "layer", nn.Last, "blocks that the states have been through; -1: behind the final norm")
	c.Flags().StringVar(&a.pooling.By, "pool", "mean", strings.Join(nn.Poolings, ", "))
	c.Flags().BoolVar(&a.pooling.Unit, "normalize", false, "bring each to length 1")
	c.Flags().StringVar(&a.into, "into", "", "safetensors file to write, which must not be there")
	c.Flags().BoolVarP(&a.quiet, "quiet", "q", false, "no progress")
	outputFlag(c, &a.output)
	return c
}

func (a *featuresAsked) run(c *cobra.Command, args []string) error {
	if err := checkOutput(a.output); err != nil {
		return err
	}
	if err := a.model.check(); err != nil {
		return err
	}
	pair := c.Flags().Changed("pair")
	if a.ids != nil && (len(args) > 0 || a.from.file != "" || pair) {
		return misuse("--ids and texts were both given: expected one of the two")
	}
	texts := args
	if a.ids == nil {
		var err error
		if texts, err = a.from.texts(c, args); err != nil {
			return err
		}
	}
	m, err := a.model.open(c, a.ids == nil, nil)
	if err != nil {
		return err
	}
	if err := a.pooling.Check(m.Net.Config()); err != nil {
		return misuse("%v", err)
	}
	show := newDisplay(c.ErrOrStderr(), a.quiet)
	defer show.clear()
	all, err := a.features(m, texts, pair, func(done int) error {
		show.preparing("features of "+a.model.dir, done, max(1, len(texts)))
		return context.Cause(c.Context())
	})
	if err != nil {
		return orMisuse(c.Context(), err)
	}
	show.clear()
	if err := finiteFeatures(all); err != nil {
		return err
	}
	o := featuresObject{Model: a.model.dir, Layer: a.pooling.After, Pool: a.pooling.By, Width: m.Net.Config().Width}
	for i, x := range all {
		f := featureObject{Places: x.Places, Truncated: x.Truncated, Numbers: x.Numbers}
		if a.ids == nil {
			f.Input = texts[i]
		}
		o.Features = append(o.Features, f)
	}
	if a.into != "" {
		if err := o.write(a.into); err != nil {
			return err
		}
	}
	if a.output == "json" {
		return writeJSON(c.OutOrStdout(), o) // on one line: indented, each number would have its own
	}
	return o.print(c.OutOrStdout())
}

func (a *featuresAsked) features(m *solo.Model, texts []string, paired bool, watch func(int) error) (all []solo.Pooled, err error) {
	if a.ids != nil {
		all, err = m.Pool([]data.Sequence{solo.Tokens(a.ids)}, a.pooling, watch)
	} else {
		var pair *string
		if paired {
			pair = &a.pair
		}
		inputs, errInputs := inputsOf(m, texts, pair)
		if errInputs != nil {
			return nil, errInputs
		}
		all, err = m.Features(inputs, a.pooling, watch)
	}
	return all, err
}

// finiteFeatures refuses hidden states that are no numbers.
func finiteFeatures(all []solo.Pooled) error {
	for i, x := range all {
		for _, y := range x.Numbers {
			if f := float64(y); math.IsNaN(f) || math.IsInf(f, 0) {
				return fmt.Errorf("input %d: a hidden state is %g; the weights are too large for float32 sums", i+1, f)
			}
		}
	}
	return nil
}

// shown is how many numbers of each row a table has.
const shown = 4

func (o featuresObject) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells of errors
	_, _ = fmt.Fprintf(w, "input\tplaces\tlength\tthe first of %d numbers\n", o.Width)
	for _, f := range o.Features {
		input := strconv.Quote(headOf(f.Input))
		if f.Truncated {
			input += " (cut)"
		}
		for at := 0; at < len(f.Numbers); at += o.Width {
			row := f.Numbers[at : at+o.Width]
			_, _ = fmt.Fprintf(w, "%s\t%d\t%.4f\t", input, f.Places, math.Sqrt(kernel.SumSquares(row)))
			for _, x := range row[:min(shown, o.Width)] {
				_, _ = fmt.Fprintf(w, "%8.4f ", x)
			}
			_, _ = fmt.Fprintln(w)
		}
	}
	return w.Flush()
}

// headOf is a text, or how it begins where it would fill a line.
func headOf(text string) string {
	const most = 48
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// write writes all features to a file that must not be there yet.
func (o featuresObject) write(path string) error {
	var rows, places []float32
	for _, f := range o.Features {
		rows, places = append(rows, f.Numbers...), append(places, float32(f.Places)) // exact: a text has fewer than 2²⁴
	}
	b, err := safetensors.EncodeTensors(linalg.Tensors{List: []linalg.Tensor{
		{Name: "features", Shape: []int{len(rows) / o.Width, o.Width}, Data: rows}, {Name: "places", Shape: []int{len(places)}, Data: places}}})
	if err != nil {
		return err
	}
	return writeNew(path, b)
}
