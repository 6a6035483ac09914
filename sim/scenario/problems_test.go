package scenario

import (
	goflag "flag"
	"os"
	"strings"
	"testing"
)

var rewrite = goflag.Bool("rewrite", false, "write testdata/problems.txt anew; read the difference before you keep it")

// badCase is a part of testdata/problems.txt:
//
//	== name
//	- old text of the good scenario
//	+ what stands there instead; \n is a line break
//	= a whole file instead
//	! an argument of --set
//	problem, a line each
type badCase struct {
	name string
	src  string
	sets []string
	head []string // all but the problems
	want []string
}

func readBadCases(t testing.TB, text string) []badCase {
	t.Helper()
	var cases []badCase
	for _, block := range strings.Split(text, "== ")[1:] {
		lines := strings.Split(strings.TrimRight(block, "\n"), "\n")
		c := badCase{name: lines[0], src: good, head: lines[:1]}
		old := ""
		for _, line := range lines[1:] {
			body := ""
			if len(line) > 2 {
				body = strings.ReplaceAll(line[2:], `\n`, "\n")
			}
			switch {
			case strings.HasPrefix(line, "- "):
				old = body
				if strings.Count(c.src, old) != 1 {
					t.Fatalf("%s: %q stands %d times in the good scenario", c.name, old, strings.Count(c.src, old))
				}
			case strings.HasPrefix(line, "+ ") || line == "+":
				c.src = strings.Replace(c.src, old, body, 1)
			case strings.HasPrefix(line, "= ") || line == "=":
				c.src = body
			case strings.HasPrefix(line, "! "):
				c.sets = append(c.sets, line[2:])
			default:
				c.want = append(c.want, line)
				continue
			}
			c.head = append(c.head, line)
		}
		cases = append(cases, c)
	}
	return cases
}

// Every bad scenario is refused with exactly these words, at exactly this place.
func TestProblems(t *testing.T) {
	const file = "testdata/problems.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cases := readBadCases(t, string(text))
	if len(cases) < 40 {
		t.Errorf("%d cases, at least 40 were expected", len(cases))
	}
	var out strings.Builder
	for _, c := range cases {
		doc, problems := Parse("s.yaml", []byte(c.src), c.sets...)
		var got []string
		for _, p := range problems {
			got = append(got, p.String())
		}
		if doc != nil || len(got) == 0 {
			t.Errorf("%s: no problem was found", c.name)
		}
		if g, w := strings.Join(got, "\n"), strings.Join(c.want, "\n"); g != w && !*rewrite {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, g, w)
		}
		out.WriteString("== " + strings.Join(append(c.head, got...), "\n") + "\n")
	}
	if *rewrite {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
