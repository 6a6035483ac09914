package ledger

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDiffSaysWhereBooksPart(t *testing.T) {
	long, tenth := strings.Repeat("a", 300), 0.1
	for _, c := range []struct {
		left, right any
		why         string
	}{
		{End{Rounds: 3}, End{Rounds: 4}, `rounds: 3 and 4`},
		{End{Rounds: 3}, Missing{}, `kind: "end" and "missing"`},
		{Trial{Seed: 1<<63 + 1}, Trial{Seed: 1<<63 + 2}, `seed: 9223372036854775809 and 9223372036854775810`},
		{End{Flops: tenth + 0.2}, End{Flops: 0.3}, `flops: 0.30000000000000004 and 0.3`},
		{Fold{Values: []Value{{Value: -1}}}, Fold{Values: []Value{{Value: 1}}}, `values[0].value: -1 and 1`},
		{Fold{Values: []Value{{}, {Group: "y=1"}}}, Fold{Values: []Value{{}, {}}}, `values[1].group: "y=1" and null`},
		{Fold{Values: []Value{{}}}, Fold{Values: []Value{{}, {}, {}}}, `values: 1 entries and 3`},
		{Fold{}, Fold{Warnings: []string{"w"}}, `warnings: null and ["w"]`},
		{Fold{}, Fold{Values: []Value{}}, `values: null and []`},
		{Report{Made: []Content{{"a", "1"}}, Examples: 2}, Report{Made: []Content{{"a", "2"}}, Examples: 3}, `examples: 2 and 3`}, // by name
		{Plan{Stage: "é" + long + "x"}, Plan{Stage: "é" + long + "y"}, `stage: …aaaaaaaaaaaaaaaaaaaax" and …aaaaaaaaaaaaaaaaaaaay"`},
		{Plan{Stage: "b" + long}, Plan{Stage: "c"}, `stage: "b` + strings.Repeat("a", 78) + `… and "c"`},
	} {
		left, right := book(t, Trial{}, c.left, End{}), book(t, Trial{}, c.right, End{})
		d := Diff(left, right)
		if d == nil {
			t.Errorf("%s: no difference", c.why)
			continue
		}
		if d.Why != c.why || d.N != 1 || d.Kind != left[1].Kind || !bytes.Equal(d.Left, left[1].Raw) || !bytes.Equal(d.Right, right[1].Raw) {
			t.Errorf("got %+v\nwant %s", *d, c.why)
		}
	}
}

func TestDiffOfBooksThatEnd(t *testing.T) {
	all := book(t, Trial{}, Plan{}, End{})
	if d := Diff(all, book(t, Trial{}, Plan{}, End{})); d != nil {
		t.Errorf("equal books differ: %+v", *d)
	}
	d := Diff(all[:2], all)
	if d == nil || d.N != 2 || d.Kind != KindEnd || d.Left != nil || !bytes.Equal(d.Right, all[2].Raw) || d.Why != "the first has ended after 2 lines" {
		t.Errorf("got %+v", d)
	}
	d = Diff(all, all[:1])
	if d == nil || d.N != 1 || d.Kind != KindPlan || d.Right != nil || !bytes.Equal(d.Left, all[1].Raw) || d.Why != "the second has ended after 1 lines" {
		t.Errorf("got %+v", d)
	}
}

// Diff finds exactly the line that was changed, though all hashes after it differ too, and
// finds a difference exactly where the books' hashes differ.
func TestDiffAgreesWithTheHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.SampledFrom([]float64{0, 1, 1e21, 1e-7, 0.1, 1<<53 + 2})
		line := rapid.Custom(func(t *rapid.T) Report {
			return Report{From: rapid.SampledFrom([]string{"", "é<", "\\u0000"}).Draw(t, "from"), Flops: number.Draw(t, "flops"),
				Values: rapid.SampledFrom([][]Value{nil, {}, {{Name: "a"}}}).Draw(t, "values")}
		})
		a := rapid.SliceOfN(line, 1, 4).Draw(t, "a")
		b := append([]Report{}, a...)
		k := rapid.IntRange(0, len(a)-1).Draw(t, "k")
		b[k] = line.Draw(t, "other")
		left, right := reports(t, a), reports(t, b)
		same := left[len(a)-1].Hash == right[len(a)-1].Hash
		switch d := Diff(left, right); {
		case same != (d == nil):
			t.Fatalf("hashes equal: %v; difference: %+v", same, d)
		case d != nil && (d.N != k || strings.HasPrefix(d.Why, ":")):
			t.Fatalf("line %d was changed; found %+v", k, *d)
		}
	})
}

// book is a book that was read.
func book(t testing.TB, lines ...any) []Line {
	t.Helper()
	content, _ := write(t, lines...)
	out, err := read(content)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func reports(t *rapid.T, all []Report) []Line {
	var out bytes.Buffer
	b := NewBook(func(line []byte) error { out.Write(line); return nil })
	for _, r := range all {
		if err := b.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := read(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
