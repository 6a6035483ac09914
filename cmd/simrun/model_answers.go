package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/solo"
)

// answersObject is what `model logits -o json` prints of a model whose head answers for whole
// texts or pictures.
type answersObject struct {
	Model   string         `json:"model"`
	Answers []answerObject `json:"answers"`
}

type answerObject struct {
	Input     string         `json:"input"`
	Pair      *string        `json:"pair,omitempty"`
	Truncated bool           `json:"truncated"`
	Outputs   []outputObject `json:"outputs"` // likeliest first
}

// outputObject is one output; regression has no probabilities.
type outputObject struct {
	Class string   `json:"class"`
	Logit float32  `json:"logit"`
	Prob  *float64 `json:"prob,omitempty"`
}

// answers asks a head about texts, pairs of texts, or files of pictures.
func (a *logitsAsked) answers(c *cobra.Command, m *solo.Model, inputs []string) error {
	var pair *string
	if c.Flags().Changed("pair") {
		pair = &a.pair
	}
	examples, err := inputsOf(m, inputs, pair)
	if err != nil {
		return err
	}
	all, err := m.Answer(examples, solo.Reading{})
	if err != nil {
		return misuse("%v", err)
	}
	if a.into != "" {
		if err := writeAnswers(a.into, all); err != nil {
			return err
		}
	}
	o := answersObject{Model: a.model.dir}
	for i, x := range all {
		o.Answers = append(o.Answers, describeAnswer(m.Net.Config(), examples[i], x, a.top))
	}
	if a.output == "json" {
		return printObject(c, o)
	}
	return o.print(c.OutOrStdout())
}

// inputsOf are texts or, of a model that reads pictures, files of pictures; pair is the second
// text of each, if there is one.
func inputsOf(m *solo.Model, inputs []string, pair *string) ([]data.Example, error) {
	examples := make([]data.Example, len(inputs))
	for i, in := range inputs {
		examples[i].Prompt, examples[i].Pair = in, pair
		if m.Net.Config().Image == (nn.Image{}) {
			continue
		}
		if pair != nil {
			return nil, misuse("--pair: a second text beside a picture, which this model reads alone; leave it out")
		}
		if _, err := regular(in); err != nil {
			return nil, given("PICTURE", err)
		}
		src, err := os.ReadFile(in)
		if err != nil {
			return nil, given("PICTURE", err)
		}
		if examples[i].Picture, err = data.DecodePicture(src); err != nil {
			return nil, misuse("%s: %v", in, err)
		}
	}
	return examples, nil
}

func describeAnswer(c nn.Config, ex data.Example, x solo.Answered, top int) answerObject {
	o := answerObject{Input: ex.Prompt, Pair: ex.Pair, Truncated: x.Truncated}
	if !c.Answer.Regression {
		slices.SortStableFunc(x.Outputs, func(a, b solo.Output) int { return cmp.Compare(b.Logit, a.Logit) })
		x.Outputs = x.Outputs[:min(top, len(x.Outputs))]
	}
	for _, y := range x.Outputs {
		out := outputObject{Class: y.Name, Logit: y.Logit}
		if !c.Answer.Regression {
			out.Prob = &y.Prob
		}
		o.Outputs = append(o.Outputs, out)
	}
	return o
}

func (o answersObject) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells of errors
	_, _ = fmt.Fprintln(w, "input\tclass\tlogit\tprobability")
	for _, a := range o.Answers {
		input := strconv.Quote(a.Input)
		if a.Pair != nil {
			input += " " + strconv.Quote(*a.Pair)
		}
		if a.Truncated {
			input += " (cut)"
		}
		for _, x := range a.Outputs {
			prob := "–"
			if x.Prob != nil {
				prob = fmt.Sprintf("%.4f", *x.Prob)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%.4f\t%s\n", input, x.Class, x.Logit, prob)
		}
	}
	return w.Flush()
}

// writeAnswers writes all logits, inputs×outputs, to a file that must not be there yet.
func writeAnswers(path string, all []solo.Answered) error {
	var logits []float32
	for _, a := range all {
		for _, x := range a.Outputs {
			logits = append(logits, x.Logit)
		}
	}
	b, err := safetensors.EncodeTensors(linalg.Tensors{List: []linalg.Tensor{{Name: "logits", Shape: []int{len(all), len(all[0].Outputs)}, Data: logits}}})
	if err != nil {
		return err
	}
	return writeNew(path, b)
}
