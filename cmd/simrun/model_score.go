package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/ledger"
)

// scoreObject is what `model score -o json` prints; rowObject a line of -o jsonl.
type scoreObject struct {
	Model     string   `json:"model"`
	Adapters  []string `json:"adapters"`
	Data      string   `json:"data"`
	Examples  int      `json:"examples"`
	Truncated int      `json:"truncated"`
	lossObject
	Rows []rowObject `json:"rows"`
}

type rowObject struct {
	Row       int  `json:"row"` // from 1
	Tokens    int  `json:"tokens"`
	Truncated bool `json:"truncated"`
	lossObject
}

// lossObject is a loss over labels; numbers that JSON has no word for are strings.
type lossObject struct {
	Labels     int            `json:"labels"`
	Loss       ledger.Number  `json:"loss"`                 // nats a label; in regression the squared error
	Perplexity *ledger.Number `json:"perplexity,omitempty"` // of models that write texts
	Accuracy   *ledger.Number `json:"accuracy,omitempty"`   // not in regression
}

// lossOf describes a loss of a model.
func lossOf(l nn.Loss, c nn.Config) lossObject {
	nan := math.NaN()
	loss, perplexity, accuracy := ledger.Number(nan), ledger.Number(nan), ledger.Number(nan)
	if l.Count > 0 {
		loss, perplexity, accuracy = ledger.Number(l.Mean()), ledger.Number(math.Exp(l.Mean())), ledger.Number(float64(l.Correct)/float64(l.Count))
	}
	o := lossObject{Labels: l.Count, Loss: loss}
	if c.Answer.Outputs == 0 {
		o.Perplexity = &perplexity
	}
	if !c.Answer.Regression {
		o.Accuracy = &accuracy
	}
	return o
}

// orDash is a number as a table shows it; nil: it has no meaning.
func orDash(format string, x *ledger.Number) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf(format, float64(*x))
}

func newModelScore() *cobra.Command {
	var f modelFlags
	var rows rowFlags
	var output string
	var each, quiet bool
	c := &cobra.Command{
		Use:   "score --model DIR [--adapter DIR] --data FILE",
		Short: "give a model's loss, perplexity and accuracy on examples",
		Long: `Give the loss (nats a token), perplexity and accuracy (the share of tokens that were the
model's first choice) on the examples of a file, of all together and with --rows of
each. An example has a prompt and an answer: columns of those names, or as --columns
and --template say; the answer's tokens count, and the token that ends a text. Of a
text file each line is an answer without a prompt.

Of an encoder with a head the answer is a class, by name or number; several with commas
between where the model tells each apart (problem_type); or numbers in regression, whose
loss is the squared error. --columns pair=COLUMN adds the second text of a pair. A vision
model reads IDX files as MNIST's (NAME-images-idx3-ubyte, its labels beside it, plain or
gzipped), or rows whose --columns image=COLUMN is the path of a PNG or JPEG file. An
encoder-decoder is given the prompt and says the answer.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "table" && output != "json" && output != "jsonl" {
				return misuse("--output %s: table, json or jsonl was expected", output)
			}
			if err := f.check(); err != nil {
				return err
			}
			o, err := scoreRows(c, &f, &rows, quiet)
			if err != nil {
				return err
			}
			switch output {
			case "json":
				return printObject(c, o)
			case "jsonl":
				for _, r := range o.Rows {
					if err := writeJSON(c.OutOrStdout(), r); err != nil {
						return err
					}
				}
				return nil
			}
			return o.print(c.OutOrStdout(), each)
		},
	}
	f.flags(c)
	rows.flags(c)
	c.Flags().BoolVar(&each, "rows", false, "a line for each example, too")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "no progress")
	c.Flags().StringVarP(&output, "output", "o", "table", "table, json (one object), or jsonl (a line per example)")
	return c
}

func scoreRows(c *cobra.Command, f *modelFlags, rows *rowFlags, quiet bool) (o scoreObject, err error) {
	if err := rows.check(); err != nil {
		return o, err
	}
	set, err := rows.load(rows.data, 1)
	if err != nil {
		return o, err
	}
	m, err := f.open(c, true, nil)
	if err != nil {
		return o, err
	}
	reading, err := rows.reading(m)
	if err != nil {
		return o, err
	}
	show := newDisplay(c.ErrOrStderr(), quiet)
	defer show.clear()
	scored, total, err := m.Score(set.Train, reading, func(done int) error {
		show.preparing("scoring "+rows.data, done, len(set.Train))
		return context.Cause(c.Context())
	})
	if err != nil {
		return o, because(c.Context(), orMisuse(c.Context(), err))
	}
	o = scoreObject{Model: f.dir, Adapters: append([]string{}, f.adapters...), Data: rows.data, Examples: len(scored), lossObject: lossOf(total, m.Net.Config())}
	for i, s := range scored {
		o.Rows = append(o.Rows, rowObject{i + 1, s.Tokens, s.Truncated, lossOf(s.Loss, m.Net.Config())})
		if s.Truncated {
			o.Truncated++
		}
	}
	return o, nil
}

// orMisuse takes an error for the user's to mend, unless it is why the work was stopped.
func orMisuse(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return misuse("%v", err)
}

func (o scoreObject) print(out io.Writer, each bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells of errors
	_, _ = fmt.Fprintln(w, "row\ttokens\tlabels\tloss\tperplexity\taccuracy")
	line := func(name string, tokens int, l lossObject) {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%.4f\t%s\t%s\n", name, tokens, l.Labels, float64(l.Loss), orDash("%.4g", l.Perplexity), orDash("%.4f", l.Accuracy))
	}
	tokens := 0
	for _, r := range o.Rows {
		tokens += r.Tokens
		if each {
			line(fmt.Sprint(r.Row), r.Tokens, r.lossObject)
		}
	}
	line("all", tokens, o.lossObject)
	if err := w.Flush(); err != nil {
		return err
	}
	if o.Truncated > 0 {
		_, err := fmt.Fprintf(out, "%s too long and lost tokens (--max-length)\n", wereCut(o.Truncated))
		return err
	}
	return nil
}

func wereCut(n int) string {
	if n == 1 {
		return "1 example was"
	}
	return count(n, "example") + " were"
}
