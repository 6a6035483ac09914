package linalgtest

import (
	"encoding/json"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Case is one golden case of the algebra of adapters (golden/lora): what went in, what
// others computed, and for each tensor the rule by which to compare and how near to come.
// Every tensor of role output has to be compared before [Case.Done].
type Case struct {
	Dir, Name string // the folder of its files; its path under the folder asked for, without .json
	Params    json.RawMessage
	Tensors   map[string]struct {
		Shape   []int
		Role    string
		Compare rule
	}
	Tables  map[string]json.RawMessage
	file    *safetensors.File
	checked map[string]bool
}

type rule struct {
	Rule   string
	Tol    float64
	TolF32 float64 `json:"tol_f32"`
}

// Cases runs f on every case under sub whose name (its path, without .json) is wanted. It
// skips where there are no vectors and fails where there is no case.
func Cases(t *testing.T, sub string, wanted func(name string) bool, f func(*testing.T, *Case)) {
	t.Helper()
	dir := Golden(t, sub)
	found := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.ToSlash(rel), ".json")
		if !wanted(name) {
			return nil
		}
		found++
		t.Run(name, func(t *testing.T) { f(t, openCase(t, path, name)) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Fatalf("%s has no case of this test", dir)
	}
}

func openCase(t *testing.T, path, name string) *Case {
	t.Helper()
	c := &Case{Dir: filepath.Dir(path), Name: name, checked: map[string]bool{}}
	ReadJSON(t, path, c)
	if len(c.Tensors) > 0 {
		c.file = ReadTensors(t, strings.TrimSuffix(path, ".json")+".safetensors")
	}
	return c
}

// Params reads the case's parameters.
func Params[T any](t *testing.T, c *Case) (p T) {
	t.Helper()
	if err := json.Unmarshal(c.Params, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// Table reads one of its tables.
func Table[T any](t *testing.T, c *Case, name string) (rows []T) {
	t.Helper()
	if err := json.Unmarshal(c.Tables[name], &rows); err != nil {
		t.Fatalf("table %s: %v", name, err)
	}
	return rows
}

// Get is a tensor as a matrix, whole numbers and masks as well; a vector is a row, and of
// more than two sides the last one has the columns.
func (c *Case) Get(t *testing.T, name string) linalg.Dense {
	t.Helper()
	x, ok := c.file.Get(name)
	if !ok {
		t.Fatalf("no tensor %q", name)
	}
	data, err := x.Floats64()
	if err != nil {
		whole, bad := x.Ints()
		if bad != nil {
			t.Fatal(err)
		}
		for _, n := range whole {
			data = append(data, float64(n))
		}
	}
	cols := 1
	if n := len(x.Shape); n > 0 {
		cols = x.Shape[n-1]
	}
	return linalg.Dense{Rows: len(data) / max(cols, 1), Cols: cols, Data: data}
}

// Has says whether the case has a tensor of that name.
func (c *Case) Has(name string) bool { _, ok := c.Tensors[name]; return ok }

// Checked says whether the tensor was compared.
func (c *Case) Checked(name string) bool { return c.checked[name] }

// Names lists its tensors, sorted.
func (c *Case) Names() []string {
	var names []string
	for name := range c.Tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Check compares float64 numbers by the case's own rule and tolerance.
func (c *Case) Check(t *testing.T, name string, got []float64) {
	t.Helper()
	c.compare(t, name, got, c.Tensors[name].Compare.Tol)
}

// Check32 compares what went through float32.
func (c *Case) Check32(t *testing.T, name string, got []float64) {
	t.Helper()
	tol := c.Tensors[name].Compare.TolF32
	if tol == 0 {
		t.Fatalf("%s: the case has no tolerance for float32", name)
	}
	c.compare(t, name, got, tol)
}

// CheckWithin compares by the case's rule and a tolerance of the caller's, for what went
// through float32 where the case states one for float64 only.
func (c *Case) CheckWithin(t *testing.T, name string, got []float64, tol float64) {
	t.Helper()
	c.compare(t, name, got, tol)
}

func (c *Case) compare(t *testing.T, name string, got []float64, tol float64) {
	t.Helper()
	m := c.Get(t, name)
	want := m.Data
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, expected %d", name, len(got), len(want))
	}
	r := c.Tensors[name].Compare.Rule
	off := make([]float64, len(want))
	for i, x := range Signed(r, linalg.Dense{Rows: m.Rows, Cols: m.Cols, Data: got}, m).Data {
		off[i] = x - want[i]
	}
	var distance float64
	switch r {
	case "rel_fro", "sign_rows", "sign_cols":
		distance = linalg.Norm(off)
		if n := linalg.Norm(want); n != 0 {
			distance /= n
		}
	case "rel_max":
		distance = largest(off) / largest(want)
	case "abs_max", "equal":
		distance = largest(off)
	case "any_factor": // unique only with its partner: the product is compared elsewhere
	default:
		t.Fatalf("%s: unknown rule %q", name, r)
	}
	if !(distance <= tol) {
		t.Errorf("%s is %.3g away, %.3g is allowed (%s)", name, distance, tol, r)
	}
	c.checked[name] = true
}

// Signed is got with the signs that the rule leaves free, of rows or of columns, brought to
// those of want; a copy under these rules, and got itself under any other.
func Signed(rule string, got, want linalg.Dense) linalg.Dense {
	switch rule {
	case "sign_cols":
		return Signed("sign_rows", got.T(), want.T()).T()
	case "sign_rows":
		out := got.Scaled(1)
		for i := range out.Rows {
			var dot float64
			for j, x := range out.Row(i) {
				dot += float64(x * want.At(i, j))
			}
			for j := range out.Row(i) {
				out.Row(i)[j] = math.Copysign(1, dot) * out.Row(i)[j]
			}
		}
		return out
	}
	return got
}

// Done fails for outputs that were not compared.
func (c *Case) Done(t *testing.T) {
	t.Helper()
	for name, x := range c.Tensors {
		if x.Role == "output" && !c.checked[name] {
			t.Errorf("output %s was not compared", name)
		}
	}
}

func largest(x []float64) float64 {
	var top float64
	for _, v := range x {
		if math.IsNaN(v) {
			return v
		}
		top = max(top, math.Abs(v))
	}
	return top
}
