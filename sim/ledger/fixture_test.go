package ledger

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// sample is a book with a line of every kind, every field of each set, and the values that
// are awkward to write.
func sample() []any {
	blob := func(c string) method.Blob { return method.Blob(strings.Repeat(c, 64)) }
	return []any{
		Trial{Index: 3, Name: "flora seed=2", Arm: "flora", Seed: math.MaxUint64, Scenario: "aa", Contract: "float32/portable/1",
			Bases: []Content{{"main", blob("b")}}, Data: []Content{{"text", blob("d")}, {"other", blob("e")}},
			Methods: []Member{{Name: "flora", Card: "cc", Plugin: "builtin", Params: `{"lr":0.003,"text":"<\"é&"}`}},
			Pools:   []Pool{{Name: "client", Size: 1 << 20, Examples: 7, Ranks: []int{16, 2}}, {Name: "free", Ranks: []int{}}}},
		Plan{Round: 1, Stage: "train", Member: "flora", Now: 1.5, Offered: 2, Assign: []Assigned{{"fit", 2, "rr"}}, State: "ss"},
		Plan{Round: 2, Assign: []Assigned{}},
		Report{Round: 1, From: "client/17", Name: "fit", Examples: 12, Share: math.Nextafter(0.3, 1), Made: []Content{{"lora", blob("1")}},
			Began: []Content{{"lora", blob("0")}}, Values: []Value{{Name: "loss", Group: "y=1,s=0", Value: 1e-300, Weight: 3}},
			Up: math.MaxInt64, Down: 4, Flops: 1e21, Spent: 0.1, Warnings: []string{"clamped\n\x7f"}},
		Missing{Round: 1, From: "client/3", Name: "fit", Why: "corrupt: a"},
		Fold{Round: 1, Now: 2.5, Reports: 1, Deploy: "dd", State: "ss", Holds: []method.Blob{blob("2")}, Flops: 3e9, Warnings: []string{"w"},
			Values: []Value{{Name: "nan", Value: Number(math.NaN())}, {Name: "inf", Value: Number(math.Inf(1)), Weight: 1},
				{Name: "-inf", Value: Number(math.Inf(-1))}, {Name: "-0", Value: Number(math.Copysign(0, -1))}}},
		Evaluate{Round: 1, At: "round", Stage: "train", On: "test", Now: 2.5, Up: 1, Down: 2, Flops: 3, Examples: 4, Values: []Value{{Name: "loss", Value: 2, Weight: 4}}},
		End{Rounds: 1, Now: 2.5, Up: 1, Down: 2, Flops: 3, Deploy: "dd"},
	}
}

// write makes a book of these lines, as bytes and as its hash.
func write(t testing.TB, lines ...any) (content []byte, hash string) {
	t.Helper()
	var out bytes.Buffer
	b := NewBook(func(line []byte) error { out.Write(line); return nil })
	for _, l := range lines {
		if err := b.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	if b.Len() != len(lines) {
		t.Errorf("%d lines were written and %d are counted", len(lines), b.Len())
	}
	return out.Bytes(), b.Hash()
}

// read is [Read] to its end.
func read(content []byte) (lines []Line, err error) {
	for l, err := range Read(bytes.NewReader(content)) {
		if err != nil {
			return lines, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// split cuts a book into its lines, each with its newline.
func split(content []byte) [][]byte {
	lines := bytes.SplitAfter(content, []byte("\n"))
	return lines[:len(lines)-1]
}
