package scenario

import (
	"os"
	"testing"
)

// Whatever a file and an argument of --set hold, Parse answers with a document or with
// problems, never with a panic; a document's resolved text parses to itself.
func FuzzParse(f *testing.F) {
	f.Add(good, "seed=3")
	f.Add(good, "vary.seed=1..4")
	text, err := os.ReadFile("testdata/problems.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range readBadCases(f, string(text)) {
		set := "method.0.with.epochs=2"
		if len(c.sets) > 0 {
			set = c.sets[0]
		}
		f.Add(c.src, set)
	}
	for _, s := range []string{"a: [", "? a", "- - - -", "{{{{", "a: !!x *b", "\x00", "a: |\n b", "vary: {\"\": [1]}", "vary: {zip: {}}", "%", "method: [[]]", "stages: {}"} {
		f.Add(s, "a.b.c={d: [1]}")
	}
	f.Fuzz(func(t *testing.T, src, set string) {
		d, problems := Parse("f.yaml", []byte(src), set)
		if (d == nil) != (len(problems) > 0) {
			t.Fatalf("document %v with problems %v", d, problems)
		}
		if d == nil {
			return
		}
		s, problems := d.Scenario()
		if len(problems) > 0 {
			t.Fatalf("Parse found nothing, Scenario %v", problems)
		}
		again, problems := Parse("r.yaml", s.Resolved())
		if len(problems) > 0 {
			t.Fatalf("resolved text does not parse: %v\n%s", problems, s.Resolved())
		}
		if s2, _ := again.Scenario(); string(s2.Resolved()) != string(s.Resolved()) {
			t.Fatalf("resolved text changes:\n%s\n%s", s.Resolved(), s2.Resolved())
		}
	})
}
