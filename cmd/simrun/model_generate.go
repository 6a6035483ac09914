package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/sim/solo"
)

// writtenObject is one continuation in what `model generate -o json` prints.
type writtenObject struct {
	Prompt   string    `json:"prompt"`
	Text     string    `json:"text"`
	IDs      []int32   `json:"ids"`
	LogProbs []float64 `json:"logprobs"`
	Ended    string    `json:"ended"`
}

// generating is what generate is asked for.
type generating struct {
	model  modelFlags
	from   textFlags
	write  solo.Writing
	output string
	quiet  bool
}

func newModelGenerate() *cobra.Command {
	var g generating
	c := &cobra.Command{
		Use:   "generate --model DIR [--adapter DIR] [PROMPT...]",
		Short: "let a model continue prompts",
		Long: `Let a model continue prompts: those of the arguments, or of a file or stdin, a line each.
Without --temperature the likeliest token is taken each time; with one, tokens are
drawn by --seed, after --top-k and --top-p have taken the unlikely away. All prompts
are continued at once, and none changes what another becomes. One prompt's
continuation is printed as it is written.

A continuation ends with a token that ends texts (config.json, or the tokenizer), with a
text given by --stop, or after --tokens.`,
		RunE: func(c *cobra.Command, args []string) error { return g.run(c, args) },
	}
	g.model.flags(c)
	g.from.flags(c)
	c.Flags().IntVar(&g.write.Tokens, "tokens", 64, "tokens to write at most")
	c.Flags().Float64Var(&g.write.Temperature, "temperature", 0, "divides the logits before a token is drawn; 0: the likeliest, nothing is drawn")
	c.Flags().IntVar(&g.write.TopK, "top-k", 0, "draw among the k likeliest; 0: all")
	c.Flags().Float64Var(&g.write.TopP, "top-p", 0, "draw among the likeliest that reach this probability together; 0: all")
	c.Flags().Uint64Var(&g.write.Seed, "seed", 1, "seed of the draws")
	c.Flags().StringArrayVar(&g.write.Stops, "stop", nil, "text that ends a continuation, and is left out (repeatable)")
	c.Flags().BoolVarP(&g.quiet, "quiet", "q", false, "do not tell the speed")
	outputFlag(c, &g.output)
	return c
}

func (g *generating) check(c *cobra.Command) error {
	if err := checkOutput(g.output); err != nil {
		return err
	}
	if err := g.write.Check(); err != nil {
		return misuse("%v", err)
	}
	for _, flag := range []string{"top-k", "top-p", "seed"} {
		if g.write.Temperature == 0 && c.Flags().Changed(flag) {
			return misuse("--%s says nothing without --temperature: the likeliest token is taken", flag)
		}
	}
	for _, stop := range g.write.Stops {
		if stop == "" {
			return misuse(`--stop "": a text was expected`)
		}
	}
	return nil
}

func (g *generating) run(c *cobra.Command, args []string) error {
	if err := g.check(c); err != nil {
		return err
	}
	if err := g.model.check(); err != nil {
		return err
	}
	texts, err := g.from.texts(c, args)
	if err != nil {
		return err
	}
	m, err := g.model.open(c, true, nil)
	if err != nil {
		return err
	}
	prompts := make([][]int32, len(texts))
	for i, text := range texts {
		if prompts[i] = m.Prompt(text); len(prompts[i]) == 0 {
			return misuse("prompt %d is empty, and this model's tokenizer has no token that begins a text: expected at least one token", i+1)
		}
	}
	g.write.Stop = m.Ends()
	g.write.Each = g.each(c, len(texts))
	began := time.Now()
	written, err := m.Generate(prompts, g.write)
	if err != nil {
		if cause := context.Cause(c.Context()); cause != nil {
			return cause
		}
		return misuse("%v", err)
	}
	if !g.quiet {
		n := 0
		for _, w := range written {
			n += len(w.IDs)
		}
		defer func() {
			_, _ = fmt.Fprintf(c.ErrOrStderr(), "%s, %.1f a second\n", count(n, "token"), float64(n)/time.Since(began).Seconds())
		}()
	}
	return g.print(c, texts, written)
}

// each gives what is told of every stretch of text: the only prompt's is printed at once.
func (g *generating) each(c *cobra.Command, prompts int) func(int, string) error {
	return func(_ int, text string) error {
		if err := context.Cause(c.Context()); err != nil {
			return err
		}
		if prompts > 1 || g.output == "json" {
			return nil
		}
		_, err := fmt.Fprint(c.OutOrStdout(), text)
		return err
	}
}

func (g *generating) print(c *cobra.Command, texts []string, written []solo.Written) error {
	if g.output == "json" {
		list := make([]writtenObject, len(written))
		for i, w := range written {
			list[i] = writtenObject{texts[i], w.Text, w.IDs, w.LogProbs, w.Ended}
		}
		return printObject(c, list)
	}
	out := c.OutOrStdout()
	if len(written) == 1 {
		_, err := fmt.Fprintln(out)
		return err
	}
	for i, w := range written {
		if _, err := fmt.Fprintf(out, "> %s\n%s\n", texts[i], w.Text); err != nil {
			return err
		}
	}
	return nil
}
