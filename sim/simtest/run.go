package simtest

import (
	"bytes"
	"testing"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/world"
)

// Setup is all that a trial in a world needs, its methods in this process. What it writes
// to its ledger comes out of text.
func Setup(t testing.TB, w *world.World) (s sim.Setup, text *bytes.Buffer) {
	t.Helper()
	text = &bytes.Buffer{}
	s = sim.Setup{World: w, Blobs: Blobs(t), Book: ledger.NewBook(func(line []byte) error {
		_, err := text.Write(line)
		return err
	})}
	for _, m := range w.Trial.Scenario.Method {
		opened, err := builtin.Open(m.Use)
		if err != nil {
			t.Fatal(err)
		}
		s.Methods, s.Plugins = append(s.Methods, opened), append(s.Plugins, "builtin")
	}
	return s, text
}

// Blobs is an empty store in a folder of the test's.
func Blobs(t testing.TB) *blob.Store {
	t.Helper()
	store, err := blob.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// Run carries a trial out by the reference, [sim.Run], and gives its hash and lines.
func Run(t testing.TB, w *world.World) (hash string, lines []ledger.Line) {
	t.Helper()
	s, text := Setup(t, w)
	if err := sim.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s.Book.Hash(), Lines(t, text)
}

// Lines reads a whole ledger back, its chain checked.
func Lines(t testing.TB, text *bytes.Buffer) []ledger.Line {
	t.Helper()
	lines, err := ledger.Whole(bytes.NewReader(text.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// Of picks the lines of one kind, as in Of[ledger.Fold](lines).
func Of[T any](lines []ledger.Line) (out []T) {
	for _, l := range lines {
		if x, ok := l.Is.(T); ok {
			out = append(out, x)
		}
	}
	return out
}

// Value is the number of that name, without a group; it ends the test where there is none.
func Value(t testing.TB, values []ledger.Value, name string) float64 {
	t.Helper()
	for _, v := range values {
		if v.Name == name && v.Group == "" {
			return float64(v.Value)
		}
	}
	t.Fatalf("there is no value %q among %v", name, values)
	return 0
}
