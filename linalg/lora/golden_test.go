package lora

import (
	"encoding/json"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// golden is one case of the golden vectors: what went in, what others computed, and how
// near we must come. Every tensor of role output has to be compared before done.
type golden struct {
	dir, name string
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

// goldenCases runs f on every case under sub whose name (its path, without .json) is
// wanted.
func goldenCases(t *testing.T, sub string, wanted func(name string) bool, f func(*testing.T, *golden)) {
	t.Helper()
	dir := linalgtest.Golden(t, sub)
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
		t.Run(name, func(t *testing.T) { f(t, openGolden(t, path, name)) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Fatalf("%s has no case of this test", dir)
	}
}

func openGolden(t *testing.T, path, name string) *golden {
	t.Helper()
	g := &golden{dir: filepath.Dir(path), name: name, checked: map[string]bool{}}
	linalgtest.ReadJSON(t, path, g)
	if len(g.Tensors) > 0 {
		g.file = linalgtest.ReadTensors(t, strings.TrimSuffix(path, ".json")+".safetensors")
	}
	return g
}

// params reads the case's parameters.
func params[T any](t *testing.T, g *golden) (p T) {
	t.Helper()
	if err := json.Unmarshal(g.Params, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// table reads one of its tables.
func table[T any](t *testing.T, g *golden, name string) (rows []T) {
	t.Helper()
	if err := json.Unmarshal(g.Tables[name], &rows); err != nil {
		t.Fatalf("table %s: %v", name, err)
	}
	return rows
}

// get is a tensor as a matrix; a vector is a row.
func (g *golden) get(t *testing.T, name string) linalg.Dense {
	t.Helper()
	x, ok := g.file.Get(name)
	if !ok {
		t.Fatalf("no tensor %q", name)
	}
	data, err := x.Floats64()
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Shape) == 2 {
		return linalg.Dense{Rows: x.Shape[0], Cols: x.Shape[1], Data: data}
	}
	return linalg.Dense{Rows: 1, Cols: len(data), Data: data}
}

func (g *golden) has(name string) bool { _, ok := g.Tensors[name]; return ok }

// check compares float64 numbers by the case's own rule and tolerance.
func (g *golden) check(t *testing.T, name string, got []float64) {
	t.Helper()
	g.compare(t, name, got, g.Tensors[name].Compare.Tol)
}

// check32 compares what went through float32.
func (g *golden) check32(t *testing.T, name string, got []float64) {
	t.Helper()
	tol := g.Tensors[name].Compare.TolF32
	if tol == 0 {
		t.Fatalf("%s: the case has no tolerance for float32", name)
	}
	g.compare(t, name, got, tol)
}

func (g *golden) compare(t *testing.T, name string, got []float64, tol float64) {
	t.Helper()
	want := g.get(t, name).Data
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, expected %d", name, len(got), len(want))
	}
	off := make([]float64, len(want))
	for i := range want {
		off[i] = got[i] - want[i]
	}
	var distance float64
	switch r := g.Tensors[name].Compare.Rule; r {
	case "rel_fro":
		distance = linalg.Norm(off)
		if n := linalg.Norm(want); n != 0 {
			distance /= n
		}
	case "rel_max":
		distance = largest(off) / largest(want)
	case "abs_max", "equal":
		distance = largest(off)
	default:
		t.Fatalf("%s: unknown rule %q", name, r)
	}
	if !(distance <= tol) {
		t.Errorf("%s is %.3g away, %.3g is allowed (%s)", name, distance, tol, g.Tensors[name].Compare.Rule)
	}
	g.checked[name] = true
}

// done fails for outputs that were not compared.
func (g *golden) done(t *testing.T) {
	t.Helper()
	for name, x := range g.Tensors {
		if x.Role == "output" && !g.checked[name] {
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

// pair32 rounds float64 factors to an adapter's.
func pair32(module string, b, a linalg.Dense, scale float64) Pair {
	return Pair{Module: module, Out: b.Rows, In: a.Cols, Rank: a.Rows, A: a.Narrow(), B: b.Narrow(), Scale: scale}
}
