package ledger

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/loramesh/loramesh/plugins/method"
)

// What is written by hand is what encoding/json writes, to the byte: the hash of a ledger
// must not depend on who wrote it.
func TestReportsAreWhatJSONWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom([]string{"", "fit", "client/17", "é<&>", "\"\\\x7f\n\u2028", "\xff"}), rapid.String())
		float := rapid.OneOf(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1e21, 1e-7, 9.5e-10, 1e-300, 1e300, 1e-6, 123456789}), rapid.Float64())
		contents := rapid.OneOf(rapid.Just([]Content(nil)), rapid.SliceOf(rapid.Custom(func(t *rapid.T) Content {
			return Content{Name: text.Draw(t, "name"), Blob: method.Blob(text.Draw(t, "blob"))}
		})))
		values := rapid.OneOf(rapid.Just([]Value(nil)), rapid.SliceOf(rapid.Custom(func(t *rapid.T) Value {
			v := rapid.OneOf(float, rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1)})).Draw(t, "value")
			return Value{Name: text.Draw(t, "name"), Group: text.Draw(t, "group"), Value: Number(v), Weight: float.Draw(t, "weight")}
		})))
		r := Report{Round: rapid.Int().Draw(t, "round"), Age: rapid.IntRange(0, 2).Draw(t, "age"), From: text.Draw(t, "from"), Name: text.Draw(t, "name"),
			Examples: rapid.Int().Draw(t, "examples"), Share: float.Draw(t, "share"), Made: contents.Draw(t, "made"), Began: contents.Draw(t, "began"),
			Kept: contents.Draw(t, "kept"), Values: values.Draw(t, "values"), Up: rapid.Int64().Draw(t, "up"), Down: rapid.Int64().Draw(t, "down"),
			Flops: float.Draw(t, "flops"), Spent: method.Seconds(float.Draw(t, "spent")), Energy: float.Draw(t, "energy"),
			Warnings: rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOf(text)).Draw(t, "warnings")}
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := body(nil, r)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("by hand\n%s\nby encoding/json\n%s\n%v", got, want, err)
		}
	})
}

// A field that somebody adds is not forgotten here.
func TestReportsAreWrittenWhole(t *testing.T) {
	full := Report{Round: 1, Age: 2, From: "a", Name: "b", Examples: 3, Share: 4, Made: []Content{{"c", "d"}}, Began: []Content{{"e", "f"}}, Kept: []Content{{"g", "h"}},
		Values: []Value{{"i", "j", 5, 6}}, Up: 7, Down: 8, Flops: 9, Spent: 10, Energy: 11, Warnings: []string{"k"}}
	got, _ := body(nil, full)
	if want, _ := json.Marshal(full); !bytes.Equal(got, want) {
		t.Errorf("%s\nis not\n%s", got, want)
	}
	var fields map[string]any
	if err := json.Unmarshal(got, &fields); err != nil || len(fields) != 16 {
		t.Errorf("%d fields: a new one needs a value above, and its place in appendReport", len(fields))
	}
	for _, bad := range []Report{{Share: math.NaN()}, {Flops: math.Inf(1)}, {Energy: math.NaN()}, {Spent: method.Seconds(math.Inf(-1))}, {Values: []Value{{Weight: math.NaN()}}}} {
		if _, err := body(nil, bad); err == nil {
			t.Errorf("%+v was written", bad)
		}
	}
}

func BenchmarkReport(b *testing.B) {
	book := NewBook(func([]byte) error { return nil })
	blob := method.Blob("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
	b.ReportAllocs()
	for b.Loop() {
		if err := book.Write(Report{Round: 3, From: "client/17", Name: "fit", Examples: 12, Share: 1, Made: []Content{{"lora", blob}}, Began: []Content{},
			Values: []Value{{Name: "loss", Value: 1.25, Weight: 12}}, Up: 4096, Down: 4096, Flops: 1e9, Spent: 0.25}); err != nil {
			b.Fatal(err)
		}
	}
}
