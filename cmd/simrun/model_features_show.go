package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/safetensors"
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
	ids       []int32   // of the tokens; nil of a picture
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

// print prints a table: a row for each input or, where each place stands for itself, for each place.
func (o featuresObject) print(out io.Writer, m *solo.Model) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells of errors
	what := "input\tplaces"
	if o.Pool == "none" {
		what = "input\tplace\ttoken"
	}
	_, _ = fmt.Fprintf(w, "%s\tlength\tthe first of %d numbers\n", what, o.Width)
	for i, f := range o.Features {
		for at := 0; at < len(f.Numbers); at += o.Width {
			if o.Pool == "none" {
				_, _ = fmt.Fprintf(w, "%d\t%d\t%s\t", i+1, at/o.Width, f.token(m, at/o.Width))
			} else {
				_, _ = fmt.Fprintf(w, "%s\t%d\t", f.head(), f.Places)
			}
			row := f.Numbers[at : at+o.Width]
			_, _ = fmt.Fprintf(w, "%.4f\t", math.Sqrt(kernel.SumSquares(row)))
			for _, x := range row[:min(shown, o.Width)] {
				_, _ = fmt.Fprintf(w, "%8.4f ", x)
			}
			_, _ = fmt.Fprintln(w)
		}
	}
	return w.Flush()
}

// token is what is read at a place: a token, or its number where no tokenizer was read; – of a
// picture.
func (f featureObject) token(m *solo.Model, place int) string {
	switch {
	case place >= len(f.ids):
		return "–"
	case m.Tokenizer == nil:
		return strconv.Itoa(int(f.ids[place]))
	}
	return strconv.Quote(m.Piece(f.ids[place]))
}

// head is an input as it begins, if not all of it fits into a table.
func (f featureObject) head() string {
	const most = 40
	text := f.Input
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	if text = strconv.Quote(text); f.Truncated {
		text += " (cut)"
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
