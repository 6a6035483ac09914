// The house as a test: which floor may import which, which door each outside package comes
// in by, what the quiet core does without, how large a file may grow, and what no file may
// hold. It is a statement of policy: change a table in a commit of its own, with the reason.
package loramesh_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/loramesh/loramesh"

// floors: a package imports its own top folder and any lower floor, never a higher one or a neighbour.
var floors = map[string]int{
	"linalg": 0, "plugins": 1, "sim": 2, "actors": 3, "results": 3, "scenarios": 3, "cmd": 4,
}

// aside lists folders that are no part of the house (their own modules, or not Go).
var aside = []string{"tools", "docs", "scripts", "testdata", "examples", "runs", "bin"}

// doors names the places where an outside package may come in; the longest prefix counts.
var doors = map[string][]string{
	"github.com/asynkron/protoactor-go":     {"actors"},
	"github.com/nats-io":                    {"actors/mesh"},
	"github.com/hashicorp":                  {"plugins/remote"},
	"google.golang.org":                     {"plugins/remote", "plugins/methodpb"},
	"gonum.org/v1/gonum":                    {"linalg", "results"},
	"gonum.org/v1/plot":                     {"results"},
	"github.com/parquet-go":                 {"results", "sim/data"},
	"github.com/goccy/go-yaml":              {"sim/scenario", "results/claims"},
	"github.com/santhosh-tekuri/jsonschema": {"sim/scenario"},
	"github.com/spf13":                      {"cmd"},
	"net/http":                              {"results/live"},
	"math/rand":                             {},
	"math/rand/v2":                          {"linalg/rng"},
	"golang.org/x/sys":                      {"linalg/kernel", "plugins/blob", "actors", "cmd"},
	"golang.org/x/text/unicode/norm":        {"linalg/tokenizer"},
}

// quiet folders hold the deterministic core: no goroutines, no wall clock, except where named.
var (
	quiet   = []string{"linalg", "plugins", "sim"}
	spawns  = []string{"linalg/par", "plugins/remote", "plugins/blob"}
	watches = []string{"plugins/remote"}
	clock   = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}
)

// A method knows the SDK and the numbers, not its neighbours; only plugins/builtin knows them all.
var shared = []string{"plugins/method", "plugins/methodpb", "plugins/remote", "plugins/methodtest", "plugins/blob", "plugins/builtin"}

func in(dir string, roots []string) bool {
	return slices.ContainsFunc(roots, func(r string) bool { return dir == r || strings.HasPrefix(dir, r+"/") })
}

// inspect lists what in the tree breaks the plan.
func inspect(tree fs.FS) (faults []string, err error) {
	fset := token.NewFileSet()
	err = fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains(aside, d.Name())) {
				return fs.SkipDir
			}
			return nil
		}
		dir := path.Dir(p)
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || dir == "." {
			return nil
		}
		src, err := fs.ReadFile(tree, p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, p, src, 0)
		if err != nil {
			return err
		}
		faults = append(faults, check(fset, dir, f)...)
		return nil
	})
	return faults, err
}

// check lists what is wrong with one file: its imports, then what the quiet core forbids.
func check(fset *token.FileSet, dir string, f *ast.File) (faults []string) {
	report := func(at token.Pos, text string) { faults = append(faults, fset.Position(at).String()+": "+text) }
	timeName := checkImports(dir, f, report)
	if in(dir, quiet) {
		checkQuiet(dir, timeName, f, report)
	}
	return faults
}

// checkImports returns the name by which the file knows package time, if it does.
func checkImports(dir string, f *ast.File, report func(token.Pos, string)) (timeName string) {
	top, _, _ := strings.Cut(dir, "/")
	floor, known := floors[top]
	if !known {
		report(f.Pos(), top+" is on no floor of the house")
	}
	for _, im := range f.Imports {
		name, _ := strconv.Unquote(im.Path.Value)
		if name == "time" {
			timeName = "time"
			if im.Name != nil {
				timeName = im.Name.Name
			}
		}
		if rest, ours := strings.CutPrefix(name, module+"/"); ours {
			to, _, _ := strings.Cut(rest, "/")
			if fl, ok := floors[to]; !ok || (to != top && fl >= floor) {
				report(im.Pos(), dir+" may not import "+rest)
			}
			if to == "plugins" && !in(rest, shared) && rest != dir && dir != "plugins/builtin" {
				report(im.Pos(), "only plugins/builtin imports a method, not "+dir)
			}
			continue
		}
		door := ""
		for d := range doors {
			if (name == d || strings.HasPrefix(name, d+"/")) && len(d) > len(door) {
				door = d
			}
		}
		if door == "" && strings.Contains(name, ".") && floor < 3 {
			report(im.Pos(), name+" has no door below the shell")
		}
		if door != "" && !in(dir, doors[door]) {
			report(im.Pos(), name+" does not come in by "+dir)
		}
	}
	return timeName
}

// checkQuiet finds goroutines and wall clocks.
func checkQuiet(dir, timeName string, f *ast.File, report func(token.Pos, string)) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if !in(dir, spawns) {
				report(n.Pos(), "go statement in the quiet core")
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && timeName != "" && x.Name == timeName && slices.Contains(clock, n.Sel.Name) && !in(dir, watches) {
				report(n.Pos(), "time."+n.Sel.Name+" in the quiet core; ask the world's clock")
			}
		}
		return true
	})
}

func TestHouse(t *testing.T) {
	faults, err := inspect(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// Each bad tree has exactly one fault: the test can fail.
func TestHouseSeesFaults(t *testing.T) {
	for name, src := range map[string]string{
		"linalg/a/a.go":      `import _ "` + module + `/sim"`,
		"actors/a.go":        `import _ "` + module + `/results"`,
		"plugins/mta/a.go":   `import _ "` + module + `/plugins/flora"`,
		"sim/a.go":           `import _ "github.com/spf13/cobra"`,
		"sim/b.go":           `import _ "example.org/any"`,
		"actors/b.go":        `import _ "github.com/nats-io/nats.go"`,
		"linalg/kernel/a.go": `func f() { go f() }`,
		"sim/c.go":           "import wall \"time\"\nvar x = wall.Now()",
		"linalg/b.go":        `import _ "math/rand/v2"`,
		"internal/a.go":      ``,
	} {
		faults, err := inspect(fstest.MapFS{name: {Data: []byte("package p\n" + src)}})
		if err != nil || len(faults) != 1 {
			t.Errorf("%s: want one fault, got %q, %v", name, faults, err)
		}
	}
	good := fstest.MapFS{
		"linalg/par/a.go":      {Data: []byte("package p\nfunc f() { go f() }")},
		"actors/mesh/a.go":     {Data: []byte("package p\nimport _ \"github.com/nats-io/nats.go\"")},
		"plugins/flora/a.go":   {Data: []byte("package p\nimport _ \"" + module + "/plugins/method\"")},
		"plugins/builtin/a.go": {Data: []byte("package p\nimport _ \"" + module + "/plugins/flora\"")},
		"results/plot/a.go":    {Data: []byte("package p\nimport _ \"gonum.org/v1/plot\"")},
		"cmd/simrun/a.go":      {Data: []byte("package main\nimport _ \"" + module + "/actors\"")},
	}
	if faults, err := inspect(good); err != nil || len(faults) != 0 {
		t.Errorf("good tree: %q, %v", faults, err)
	}
}
