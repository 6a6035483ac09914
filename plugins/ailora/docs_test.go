package ailora

import (
	goflag "flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var rewrite = goflag.Bool("rewrite", false, "write the parameters into docs/methods/ailora.md anew")

// parameters is the part of the page that is made of the cards: each parameter once, with the
// methods that have it where those are not all that train.
func parameters() string {
	type line struct {
		text string
		of   []string
	}
	var lines []line
	for _, m := range Set() {
		c := m.Describe()
		for _, p := range c.Params {
			text := fmt.Sprintf("| `%s` | %v | %s |", p.Name, p.Default, strings.ReplaceAll(p.Doc, "|", `\|`))
			i := slices.IndexFunc(lines, func(l line) bool { return l.text == text })
			if i < 0 {
				i, lines = len(lines), append(lines, line{text: text})
			}
			lines[i].of = append(lines[i].of, "`"+c.Name+"`")
		}
	}
	out := "| parameter | default | what it is | of |\n|---|---|---|---|\n"
	for _, l := range lines {
		out += l.text + " " + strings.Join(l.of, ", ") + " |\n"
	}
	return out
}

func TestPageHasTheParametersOfTheCards(t *testing.T) {
	const page = "../../docs/methods/ailora.md"
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(b), "## Parameters\n\n")
	_, after, _ := strings.Cut(rest, "\n## Traps")
	want := before + "## Parameters\n\n" + parameters() + "\n## Traps" + after
	if *rewrite {
		if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if string(b) != want {
		t.Error("docs/methods/ailora.md has other parameters than the cards: run go test ./plugins/ailora -run Page -rewrite")
	}
	for _, m := range Set() {
		if name := m.Describe().Name; !strings.Contains(want, "| `"+name+"` |") {
			t.Errorf("the page has no line for %s", name)
		}
	}
}
