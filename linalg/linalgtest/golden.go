package linalgtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Golden gives a folder or file of the golden vectors, or skips the test where there are
// none. Their root is the environment variable LORAMESH_GOLDEN, by default
// ../shared/golden beside the folder of go.mod.
func Golden(t testing.TB, rel string) string {
	t.Helper()
	root := os.Getenv("LORAMESH_GOLDEN")
	if root == "" {
		root = filepath.Join(moduleRoot(t), "..", "shared", "golden")
	}
	if _, err := os.Stat(root); err != nil {
		t.Skipf("no golden vectors: %v (LORAMESH_GOLDEN names their folder)", err)
	}
	path := filepath.Join(root, filepath.FromSlash(rel))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no golden vectors of this kind: %v", err)
	}
	return path
}

// Beside gives a folder or file that vectors name by its place beside the golden folder, or
// skips the test where it is not. Vectors under another root than the default may name what
// only the default's neighbours have: published models are kept once.
func Beside(t testing.TB, rel string) string {
	t.Helper()
	rel = filepath.FromSlash(rel)
	near := filepath.Join(Golden(t, "."), "..", rel)
	if _, err := os.Stat(near); err == nil {
		return near
	}
	path := filepath.Join(moduleRoot(t), "..", "shared", rel)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("what the vectors name is neither at %s nor here: %v", near, err)
	}
	return path
}

// moduleRoot is the folder of go.mod, found upwards from the test's own.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = up
	}
}

// ReadJSON reads a file into v, or ends the test.
func ReadJSON(t testing.TB, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
}

// ReadTensors reads a safetensors file, or ends the test.
func ReadTensors(t testing.TB, path string) *safetensors.File {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Parse(b)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
	return f
}

// Vectors is one golden case: tensors, and for each the tolerance within which another
// implementation must come. It notes what was compared, so that [Vectors.Rest] can name
// what a test overlooked.
type Vectors struct {
	File *safetensors.File
	info map[string]tensorInfo
	used map[string]bool
}

type tensorInfo struct {
	Tol          float64 `json:"tol"`
	Undetermined []int   `json:"undetermined"`
}

// ReadVectors reads golden.safetensors and the "tensors" of golden.json in a folder.
func ReadVectors(t testing.TB, dir string) *Vectors {
	t.Helper()
	var head struct {
		Tensors map[string]tensorInfo `json:"tensors"`
	}
	ReadJSON(t, filepath.Join(dir, "golden.json"), &head)
	return &Vectors{ReadTensors(t, filepath.Join(dir, "golden.safetensors")), head.Tensors, map[string]bool{}}
}

// Has says whether the case has a tensor of that name.
func (v *Vectors) Has(name string) bool {
	_, ok := v.File.Get(name)
	return ok
}

// Tensor gives a tensor and notes that it was used.
func (v *Vectors) Tensor(t testing.TB, name string) safetensors.Tensor {
	t.Helper()
	x, ok := v.File.Get(name)
	if !ok {
		t.Fatalf("the golden case has no tensor %q", name)
	}
	v.used[name] = true
	return x
}

// Floats gives a tensor's numbers.
func (v *Vectors) Floats(t testing.TB, name string) []float64 {
	t.Helper()
	x, err := v.Tensor(t, name).Floats64()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Ints gives a tensor of whole numbers.
func (v *Vectors) Ints(t testing.TB, name string) []int {
	t.Helper()
	x, err := v.Tensor(t, name).Ints()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Close compares numbers with the tensor of that name, and with its float64 twin where
// there is one, within the tolerance that the case states. Entries that the case calls
// undetermined are left out.
func (v *Vectors) Close(t testing.TB, name string, got []float32) {
	t.Helper()
	info, ok := v.info[name]
	if !ok || info.Tol <= 0 {
		t.Fatalf("golden.json states no tolerance for %q", name)
	}
	for _, twin := range []string{name, name + ".f64"} {
		if twin != name && !v.Has(twin) {
			continue
		}
		want := v.Floats(t, twin)
		mine := numtest.Wide(got)
		if len(info.Undetermined) == 2 && len(mine) == len(want) {
			copy(mine[info.Undetermined[0]:info.Undetermined[1]], want[info.Undetermined[0]:info.Undetermined[1]])
		}
		numtest.CloseWide(t, twin, mine, want, info.Tol)
	}
}

// Rest lists, sorted, the tensors that no test has looked at.
func (v *Vectors) Rest() []string {
	var rest []string
	for _, x := range v.File.Tensors {
		if !v.used[x.Name] {
			rest = append(rest, x.Name)
		}
	}
	sort.Strings(rest)
	return rest
}
