package methodtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// Marks between which a page has its table of parameters.
const (
	pageFrom = "<!-- parameters -->\n"
	pageUpTo = "<!-- end of parameters -->"
)

// Pages holds the pages of methods, NAME.md in a folder, against their cards: each method has
// one, its table of parameters is the card's, and README.md links to it. Parameters that many
// share stand once, on the page of that name, and are left out of the others. With write, the
// tables are written anew instead.
func Pages(t *testing.T, folder string, all []method.Method, shared map[string][]method.Param, write bool) {
	t.Helper()
	index, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for page, params := range shared {
		holdPage(t, filepath.Join(folder, page+".md"), params, write)
	}
	for _, m := range all {
		c := m.Describe()
		own := slices.DeleteFunc(slices.Clone(c.Params), func(p method.Param) bool {
			for _, params := range shared {
				if slices.ContainsFunc(params, func(s method.Param) bool { return fmt.Sprint(s) == fmt.Sprint(p) }) {
					return true
				}
			}
			return false
		})
		holdPage(t, filepath.Join(folder, c.Name+".md"), own, write)
		if !strings.Contains(string(index), "["+c.Name+"]("+c.Name+".md)") {
			t.Errorf("README.md in %s does not list %s", folder, c.Name)
		}
	}
}

func holdPage(t *testing.T, path string, params []method.Param, write bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	before, rest, found := strings.Cut(string(text), pageFrom)
	was, after, ended := strings.Cut(rest, pageUpTo)
	want := paramTable(params)
	switch {
	case !found || !ended:
		t.Errorf("%s has no place for its parameters, between %q and %q", path, pageFrom, pageUpTo)
	case was == want:
	case write:
		if err := os.WriteFile(path, []byte(before+pageFrom+want+pageUpTo+after), 0o644); err != nil {
			t.Error(err)
		}
	default:
		t.Errorf("%s does not say what the card says; run the test with -update to write it", path)
	}
}

// paramTable is how a page lists parameters.
func paramTable(params []method.Param) string {
	if len(params) == 0 {
		return "None of its own.\n"
	}
	var b strings.Builder
	b.WriteString("| parameter | kind | default | range | what it is |\n|---|---|---|---|---|\n")
	for _, p := range params {
		within := strings.Join(p.OneOf, ", ")
		if p.Min != 0 || p.Max != 0 {
			within = fmt.Sprintf("%g … %g", p.Min, p.Max)
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%v` | %s | %s |\n", p.Name, p.Kind, p.Default, within, strings.ReplaceAll(p.Doc, "|", `\|`))
	}
	return b.String()
}
