package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/solo"
)

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
	if a.ids != nil && (len(args) > 0 || a.from.file != "" || a.from.whole || pair) {
		return misuse("--ids and texts (arguments, --file, --whole, --pair) were both given: expected one of the two")
	}
	if err := a.pooling.Check(); err != nil {
		return misuse("%v", err)
	}
	if err := vacant("--into", a.into); err != nil {
		return err
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
	if err := a.pooling.Of(m.Net.Config()); err != nil {
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
		f := featureObject{Places: x.Places, Truncated: x.Truncated, Numbers: x.Numbers, ids: x.IDs}
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
	return o.print(c.OutOrStdout(), m)
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
