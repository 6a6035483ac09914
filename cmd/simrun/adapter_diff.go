package main

import (
	"fmt"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/results"
)

// diffObject is how far two folders are apart.
type diffObject struct {
	Left   string      `json:"left"`
	Right  string      `json:"right"`
	Equal  bool        `json:"equal"`
	Layers []layerDiff `json:"layers"`
	Others []string    `json:"others"` // what is not a change of a weight, and differs
}

// layerDiff compares the changes of one module. A module that one side lacks has a change of
// 0 there.
type layerDiff struct {
	Module   string  `json:"module"`
	Left     float64 `json:"left"` // norm of the change
	Right    float64 `json:"right"`
	Apart    float64 `json:"apart"`    // norm of the difference
	Relative float64 `json:"relative"` // apart over the larger of both
	Overlap  float64 `json:"overlap"`  // of the subspaces of the outputs: 0 … 1
}

func newAdapterDiff() *cobra.Command {
	var output string
	var tolerance float64
	c := &cobra.Command{
		Use:   "diff FOLDER FOLDER",
		Short: "compare the changes that two adapter folders make, module by module",
		Long: `Compare the changes s·B·A that two adapter folders make, module by module, whatever
their ranks and scales: the Frobenius norms of both and of their difference, and
how much their output subspaces overlap, ‖UᵀV‖²/k for the k leading left singular
vectors of each, k being the smaller of both ranks. DoRA's magnitudes, biases and
saved tensors are compared number by number.

The folders are equal where no difference is more than --tolerance times the larger
change of its module. Exit code 6 means that they are not.`,
		Args: exactly(2, "FOLDER FOLDER"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if !(tolerance >= 0) {
				return misuse("--tolerance %v: at least 0 was expected", tolerance)
			}
			d, err := diffOf(args[0], args[1], tolerance)
			if err != nil {
				return err
			}
			if output == "json" {
				err = printObject(c, d)
			} else {
				err = d.print(c)
			}
			if err == nil && !d.Equal {
				err = fmt.Errorf("%w: %s and %s make other changes", results.ErrMismatch, args[0], args[1])
			}
			return err
		},
	}
	outputFlag(c, &output)
	c.Flags().Float64Var(&tolerance, "tolerance", 1e-6, "largest relative difference that counts as equal")
	return c
}

func diffOf(left, right string, tolerance float64) (diffObject, error) {
	d := diffObject{Left: left, Right: right, Layers: []layerDiff{}, Others: []string{}}
	l, err := openAdapter(left)
	if err != nil {
		return d, err
	}
	r, err := openAdapter(right)
	if err != nil {
		return d, err
	}
	d.Equal = true
	var modules []string
	for _, x := range slices.Concat(l.Layers, r.Layers) {
		if !slices.Contains(modules, x.Module) {
			modules = append(modules, x.Module)
		}
	}
	slices.Sort(modules)
	for _, module := range modules {
		x, _ := l.Layer(module)
		y, _ := r.Layer(module)
		one, err := diffLayers(module, x, y)
		if err != nil {
			return d, err
		}
		d.Layers = append(d.Layers, one)
		d.Equal = d.Equal && one.Relative <= tolerance
		if !near(x.Magnitude, y.Magnitude, tolerance) {
			d.Others = append(d.Others, "magnitudes of "+module)
		}
		if !near(x.Bias, y.Bias, tolerance) {
			d.Others = append(d.Others, "biases of B of "+module)
		}
	}
	if err := d.compareSaved(l, r, tolerance); err != nil {
		return d, err
	}
	d.Equal = d.Equal && len(d.Others) == 0
	return d, nil
}

func diffLayers(module string, x, y peft.Layer) (d layerDiff, err error) {
	d.Module = module
	if x.Module != "" && y.Module != "" && (x.Out != y.Out || x.In != y.In || x.Embedding != y.Embedding) {
		return d, misuse("module %s is %d×%d on the left and %d×%d on the right: the adapters are not for one base", module, x.Out, x.In, y.Out, y.In)
	}
	sums := [3]linalg.ProductSum{}
	for side, l := range []peft.Layer{x, y} {
		if l.Module == "" {
			continue
		}
		b, a := linalg.Widen(l.Out, l.Rank, l.B), linalg.Widen(l.Rank, l.In, l.A)
		sums[side].Add(l.Scale, b, a)
		sums[2].Add(l.Scale*float64(1-2*side), b, a)
	}
	d.Left, d.Right, d.Apart = sums[0].Norm(), sums[1].Norm(), sums[2].Norm()
	if top := max(d.Left, d.Right); top > 0 {
		d.Relative = d.Apart / top
	}
	if x.Module != "" && y.Module != "" {
		d.Overlap, err = overlap(x, y)
	}
	return d, err
}

// overlap is ‖UᵀV‖²/k of the k leading left singular vectors; 0 where a change is 0.
func overlap(x, y peft.Layer) (float64, error) {
	var sides []linalg.Dense
	k := min(x.Rank, y.Rank)
	for _, l := range []peft.Layer{x, y} {
		d, err := factor.ProductTop(linalg.Widen(l.Out, l.Rank, l.B), linalg.Widen(l.Rank, l.In, l.A), k)
		if err != nil {
			return 0, err
		}
		k = min(k, len(d.Sigma))
		for k > 0 && d.Sigma[k-1] <= 1e-7*d.Sigma[0] { // a direction of rounding alone
			k--
		}
		sides = append(sides, d.U)
	}
	if k == 0 {
		return 0, nil
	}
	n := linalg.Norm(linalg.Mul(sides[0].Columns(0, k).T(), sides[1].Columns(0, k)).Data)
	return n * n / float64(k), nil
}

// compareSaved notes the saved tensors that differ, or that one side lacks.
func (d *diffObject) compareSaved(l, r *peft.Folder, tolerance float64) error {
	has := map[string][2][]float32{}
	for side, f := range []*peft.Folder{l, r} {
		for _, s := range f.Saved {
			data, err := s.Tensor.Floats()
			if err != nil {
				return misuse("%v", err)
			}
			pair := has[s.Name]
			pair[side] = data
			has[s.Name] = pair
		}
	}
	var names []string
	for name, pair := range has {
		if !near(pair[0], pair[1], tolerance) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	d.Others = append(d.Others, names...)
	return nil
}

// near says whether two vectors differ by no more than a share of the larger.
func near(x, y []float32, tolerance float64) bool {
	if len(x) != len(y) {
		return false
	}
	off := make([]float64, len(x))
	for i := range x {
		off[i] = float64(x[i]) - float64(y[i])
	}
	size := func(v []float32) float64 { return linalg.Norm(linalg.Widen(1, len(v), v).Data) }
	return linalg.Norm(off) <= tolerance*math.Max(size(x), size(y))
}

func (d diffObject) print(c *cobra.Command) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0) // Flush tells of errors
	_, _ = fmt.Fprintln(w, "module\tleft\tright\tapart\trelative\toverlap")
	for _, l := range d.Layers {
		_, _ = fmt.Fprintf(w, "%s\t%.4g\t%.4g\t%.4g\t%.3g\t%.3f\n", l.Module, l.Left, l.Right, l.Apart, l.Relative, l.Overlap)
	}
	for _, o := range d.Others {
		_, _ = fmt.Fprintf(w, "differs: %s\n", o)
	}
	if d.Equal {
		_, _ = fmt.Fprintln(w, "equal")
	}
	return w.Flush()
}
