package flora

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

var update = flag.Bool("update", false, "write the tables of parameters into docs/methods")

// table is how a page lists parameters.
func table(params []method.Param) string {
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

const (
	from = "<!-- parameters -->\n"
	upTo = "<!-- end of parameters -->"
)

// Every method has a page, whose table of parameters is its card's: those that it has
// beside what all have, which stand on the page of all.
func TestPagesSayWhatCardsSay(t *testing.T) {
	shared := card("", "", "").Params
	list := map[string][]method.Param{"README": shared}
	for _, m := range Set() {
		c := m.Describe()
		list[c.Name] = slices.DeleteFunc(slices.Clone(c.Params), func(p method.Param) bool {
			return slices.ContainsFunc(shared, func(s method.Param) bool { return fmt.Sprint(s) == fmt.Sprint(p) })
		})
	}
	for name, params := range list {
		path := filepath.Join("..", "..", "docs", "methods", name+".md")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		before, rest, found := strings.Cut(string(text), from)
		was, after, ended := strings.Cut(rest, upTo)
		want := table(params)
		if len(params) == 0 {
			want = "None of its own.\n"
		}
		switch {
		case !found || !ended:
			t.Errorf("%s has no place for its parameters, between %q and %q", path, from, upTo)
		case was == want:
		case *update:
			if err := os.WriteFile(path, []byte(before+from+want+upTo+after), 0o644); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("%s does not say what the card of %s says: go test ./plugins/flora -run Pages -update writes it", path, name)
		}
	}
	index, err := os.ReadFile(filepath.Join("..", "..", "docs", "methods", "README.md"))
	for _, m := range Set() {
		if name := m.Describe().Name; err != nil || !strings.Contains(string(index), "["+name+"]("+name+".md)") {
			t.Errorf("docs/methods/README.md does not list %s (%v)", name, err)
		}
	}
}
