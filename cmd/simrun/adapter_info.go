package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora/peft"
)

// adapterObject is what info knows of a folder; -o json prints it as it is.
type adapterObject struct {
	Dir     string        `json:"dir"`
	Base    string        `json:"base"`
	Task    string        `json:"task"`
	Kind    string        `json:"kind"`
	Init    string        `json:"init"`
	Numbers int           `json:"numbers"`
	Layers  []layerObject `json:"layers"`
	Saved   []string      `json:"saved"`
	Odd     []string      `json:"odd"`
}

type layerObject struct {
	Module string  `json:"module"`
	Out    int     `json:"out"`
	In     int     `json:"in"`
	Rank   int     `json:"rank"`
	Alpha  float64 `json:"alpha"`
	Scale  float64 `json:"scale"`
	Change float64 `json:"change"`
	A      float64 `json:"a"`
	B      float64 `json:"b"`
}

func newAdapterInfo() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "info FOLDER",
		Short: "say what is in an adapter folder: kind, modules, ranks, norms, and what is odd about it",
		Long: `Say what is in an adapter folder. For each module: its size (outputs×inputs), the
rank, alpha, the scale that comes of them, and the Frobenius norms of the change
s·B·A, of A and of B. What PEFT would load without a word, and a reader should
know, is listed as odd.`,
		Args: exactly(1, "FOLDER"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			f, err := openAdapter(args[0])
			if err != nil {
				return err
			}
			o := describe(args[0], f)
			if output == "json" {
				return printObject(c, o)
			}
			return o.print(c.OutOrStdout())
		},
	}
	outputFlag(c, &output)
	return c
}

func describe(dir string, f *peft.Folder) adapterObject {
	o := adapterObject{Dir: dir, Base: f.Config.Base, Task: f.Config.Task, Kind: variantOf(f), Init: strings.Trim(f.Config.Init, `"`), Layers: []layerObject{}, Saved: []string{}, Odd: slices.Concat([]string{}, f.Odd)}
	for _, l := range f.Layers {
		var change linalg.ProductSum
		change.Add(l.Scale, linalg.Widen(l.Out, l.Rank, l.B), linalg.Widen(l.Rank, l.In, l.A))
		norm := func(x []float32) float64 { return linalg.Norm(linalg.Widen(1, len(x), x).Data) }
		o.Layers = append(o.Layers, layerObject{l.Module, l.Out, l.In, l.Rank, l.Alpha, l.Scale, change.Norm(), norm(l.A), norm(l.B)})
		o.Numbers += len(l.A) + len(l.B) + len(l.Magnitude) + len(l.Bias)
	}
	for _, s := range f.Saved {
		o.Saved = append(o.Saved, s.Name)
		o.Numbers += s.Tensor.Len()
	}
	return o
}

// variantOf is the variant in words: "LoRA", "rsLoRA", "DoRA with biases (all)".
func variantOf(f *peft.Folder) string {
	kind := "LoRA"
	switch c := f.Config; {
	case c.DoRA && c.RSLoRA:
		kind = "DoRA scaled as rsLoRA"
	case c.DoRA:
		kind = "DoRA"
	case c.RSLoRA:
		kind = "rsLoRA"
	}
	if f.Config.Bias != "none" {
		kind += " with biases (" + f.Config.Bias + ")"
	}
	return kind
}

func (o adapterObject) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells of errors
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(w, name+"\t"+format+"\n", args...)
	}
	line("folder", "%s", filepath.Clean(o.Dir))
	line("kind", "%s", o.Kind)
	line("base", "%s", o.Base)
	line("task", "%s", o.Task)
	line("begun", "%s", o.Init)
	line("numbers", "%d", o.Numbers)
	if len(o.Saved) > 0 {
		line("saved", "%s", strings.Join(o.Saved, ", "))
	}
	_, _ = fmt.Fprintln(w)
	if err := w.Flush(); err != nil {
		return err
	}
	line("module", "size\trank\talpha\tscale\tchange\tA\tB")
	for _, l := range o.Layers {
		line(l.Module, "%d×%d\t%d\t%.6g\t%.6g\t%.4g\t%.4g\t%.4g", l.Out, l.In, l.Rank, l.Alpha, l.Scale, l.Change, l.A, l.B)
	}
	for _, s := range o.Odd {
		_, _ = fmt.Fprintf(w, "\nodd: %s\n", s)
	}
	return w.Flush()
}
