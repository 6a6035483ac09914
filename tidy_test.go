package loramesh_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Ceilings, in lines. A file that reaches its own is about two things.
const (
	fileCeiling     = 400
	functionCeiling = 80
)

// forbidden words, in any text file of the tree, each with the reason.
var forbidden = []struct {
	pattern *regexp.Regexp
	why     string
	tests   bool // in tests too
}{
	{regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`), "a leftover marker; finish it, or open an issue", true},
	{regexp.MustCompile(`(?i)not (yet )?impl` + `emented`), "a placeholder; do it, or refuse it by name", true},
	{regexp.MustCompile(`(^|[^\w.])/(work|root|home/\w+)/\w`), "a path of somebody's machine", true},
	{regexp.MustCompile(`panic\("(impl|unimpl)`), "a placeholder; do it, or refuse it by name", false},
}

// texts are the kinds of file in which forbidden words are looked for.
var texts = []string{".go", ".md", ".yaml", ".yml", ".html", ".css", ".proto", ".txtar", ".mod", ".sh", ".py"}

// tidy lists what is untidy in the tree: long files and functions, packages without a
// comment, forbidden words.
func tidy(tree fs.FS) (faults []string, err error) {
	documented := map[string]bool{}
	err = fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != "." && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".ci" || slices.Contains([]string{"runs", "bin"}, d.Name())) {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains(texts, path.Ext(p)) && d.Name() != "Makefile" {
			return nil
		}
		src, err := fs.ReadFile(tree, p)
		if err != nil {
			return err
		}
		if generated(src) {
			return nil
		}
		faults = append(faults, words(p, src)...)
		if path.Ext(p) == ".go" && !in(path.Dir(p), []string{"tools"}) && !strings.Contains(p, "testdata/") {
			f, err := sizes(p, src, documented)
			faults = append(faults, f...)
			return err
		}
		return nil
	})
	for _, dir := range sortedKeys(documented) {
		if !documented[dir] {
			faults = append(faults, dir+": no file has a package comment that says what the package is for")
		}
	}
	return faults, err
}

func words(p string, src []byte) (faults []string) {
	for n, line := range strings.Split(string(src), "\n") {
		for _, f := range forbidden {
			if (f.tests || !strings.HasSuffix(p, "_test.go")) && f.pattern.MatchString(line) {
				faults = append(faults, fmt.Sprintf("%s:%d: %s", p, n+1, f.why))
			}
		}
	}
	return faults
}

// sizes checks one hand-written file and notes whether it explains its package.
func sizes(p string, src []byte, documented map[string]bool) (faults []string, err error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, p, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	test := strings.HasSuffix(p, "_test.go")
	if !test {
		dir := path.Dir(p)
		documented[dir] = documented[dir] || f.Doc != nil && len(f.Doc.Text()) > 40
	}
	if n := bytes.Count(src, []byte("\n")); n > fileCeiling && !test {
		faults = append(faults, fmt.Sprintf("%s: %d lines; at most %d fit one subject", p, n, fileCeiling))
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1; n > functionCeiling && !test {
			faults = append(faults, fmt.Sprintf("%s: %s has %d lines; at most %d fit a screen or two", fset.Position(fn.Pos()), fn.Name.Name, n, functionCeiling))
		}
	}
	return faults, nil
}

func generated(src []byte) bool {
	return bytes.Contains(src[:min(len(src), 400)], []byte("DO NOT EDIT"))
}

func sortedKeys(m map[string]bool) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestTidy(t *testing.T) {
	faults, err := tidy(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// Each bad tree has exactly one fault: the test can fail.
func TestTidySeesFaults(t *testing.T) {
	doc := "// Package p is long enough a comment to say something.\npackage p\n"
	for name, src := range map[string]string{
		"a/long.go":     doc + strings.Repeat("//\n", fileCeiling),
		"a/function.go": doc + "func f() {" + strings.Repeat("\n", functionCeiling) + "}",
		"a/silent.go":   "package p",
		"a/marker.go":   doc + "// TO" + "DO: later",
		"a/path.md":     "see /wo" + "rk/main",
		"a/stub.yaml":   "# not impl" + "emented",
	} {
		faults, err := tidy(fstest.MapFS{name: {Data: []byte(src)}})
		if err != nil || len(faults) != 1 {
			t.Errorf("%s: want one fault, got %q, %v", name, faults, err)
		}
	}
}

// A decision has a number of its own, on its file and in its title.
func TestDecisionsAreNumbered(t *testing.T) {
	entries, err := os.ReadDir("docs/decisions")
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		number := fmt.Sprintf("%04d", i+1)
		text, err := os.ReadFile(path.Join("docs/decisions", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(e.Name(), number+"-") || !strings.HasPrefix(string(text), "# "+number) {
			t.Errorf("%s: file and title were expected to begin with %s", e.Name(), number)
		}
	}
}
