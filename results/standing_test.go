package results_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/simtest"
)

// A checkpoint is not written over one whose name the disk may still know it by: that of two rounds
// before. It is written over the one before that.
func TestACheckpointIsWrittenOverWhenItsNameIsGone(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f := create(t)
	k := open(t, f, results.Keep{Each: true})
	k.keeping.Limit(0, 0) // no record is small enough for the journal
	dir := filepath.Join(f.Dir, "checkpoints", "000")
	var files []os.FileInfo
	err := k.play(t, w, func() {
		if err := k.keeping.Wait(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(dir, fmt.Sprintf("%06d.json", len(files)+1)))
		if errors.Is(err, os.ErrNotExist) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, info)
	})
	if err != nil || len(files) < 5 {
		t.Fatalf("%d checkpoints, %v", len(files), err)
	}
	for i := 3; i < len(files); i++ {
		if os.SameFile(files[i], files[i-2]) {
			t.Errorf("checkpoint %d lies in the file of checkpoint %d, whose name was not known to be gone", i+1, i-1)
		}
		if !os.SameFile(files[i], files[i-3]) {
			t.Errorf("checkpoint %d lies in a new file, and not in that of checkpoint %d", i+1, i-2)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || left[0].Name() != "end.json" {
		t.Errorf("after the end the folder has %v, %v; end.json alone was expected", left, err)
	}
}

// allKept is a run of six rounds that has all checkpoints, was cut off after the last round, and
// what its hash is in the end.
func allKept(t *testing.T) (f *results.Folder, again func() (hash string)) {
	t.Helper()
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f = create(t)
	k := open(t, f, results.Keep{Every: 1})
	if err := k.play(t, w, func() {}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(f.Dir, "checkpoints", "000", "end.json")); err != nil {
		t.Fatal(err)
	}
	want := k.book.Hash()
	return f, func() string {
		k := open(t, f, results.Keep{Every: 1})
		if err := k.play(t, w, func() {}); err != nil {
			t.Fatal(err)
		}
		if k.book.Hash() != want {
			t.Errorf("hash %.8s, and %.8s undisturbed", k.book.Hash(), want)
		}
		return want
	}
}

// unlist takes a blob out of the index that names it.
func unlist(t *testing.T, f *results.Folder, b method.Blob) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(f.BlobDir(), "*.idx"))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(l string) bool { return strings.HasPrefix(l, string(b)) })
		if err := os.WriteFile(name, []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A checkpoint under the name of another is left out, and is told of.
func TestACheckpointUnderAnothersName(t *testing.T) {
	f, again := allKept(t)
	dir := filepath.Join(f.Dir, "checkpoints", "000")
	content, err := os.ReadFile(filepath.Join(dir, "000004.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "000002.json"), content, 0o600), os.Remove(filepath.Join(dir, "000005.json")), os.Remove(filepath.Join(dir, "000004.json"))); err != nil {
		t.Fatal(err)
	}
	s, err := f.Standing(0)
	if err != nil || s.From == nil || s.From.Machine.Round != 3 {
		t.Fatalf("it stands at %+v, %v; round 3 was expected", s.From, err)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "000002.json is left out: it holds 000004.json") {
		t.Errorf("warnings: %q", s.Warnings)
	}
	again()
}

// A trial whose newest checkpoint names blobs that are gone goes on from the one before, and says
// so; where none has all its blobs the newest stays, and cannot be gone on from.
func TestBlobsOfTheNewestAreGone(t *testing.T) {
	f, again := allKept(t)
	s, err := f.Standing(0)
	if err != nil || s.From == nil || s.From.Machine.Round != 5 || len(s.Warnings) > 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	newest := s.From.Machine.Names()
	if err := os.Remove(filepath.Join(f.Dir, "checkpoints", "000", "000005.json")); err != nil {
		t.Fatal(err)
	}
	if s, err = f.Standing(0); err != nil || s.From.Machine.Round != 4 {
		t.Fatalf("%+v, %v", s, err)
	}
	before := s.From.Machine.Names()
	if err := os.Remove(filepath.Join(f.Dir, "checkpoints", "000", "000004.json")); err != nil {
		t.Fatal(err)
	}
	again() // writes both again
	if err := os.Remove(filepath.Join(f.Dir, "checkpoints", "000", "end.json")); err != nil {
		t.Fatal(err)
	}
	for _, b := range newest {
		if !slices.Contains(before, b) {
			unlist(t, f, b)
		}
	}
	if s, err = f.Standing(0); err != nil || s.From == nil || s.From.Machine.Round != 4 {
		t.Fatalf("it stands at %+v, %v; round 4 was expected", s.From, err)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "000005.json is left out: it names blob") {
		t.Errorf("warnings: %q", s.Warnings)
	}
	again()
	if err := os.Remove(filepath.Join(f.Dir, "checkpoints", "000", "end.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(f.Dir, "checkpoints", "000", "000000.json")); err != nil { // which names none
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(f.BlobDir(), "*.idx"))
	for _, name := range names {
		if err := os.Truncate(name, 0); err != nil {
			t.Fatal(err)
		}
	}
	if s, err = f.Standing(0); err != nil || s.From == nil || s.From.Machine.Round != 5 || len(s.Warnings) > 0 {
		t.Errorf("it stands at %+v, %v, %q; round 5 was expected, which cannot be gone on from", s.From, err, s.Warnings)
	}
}

// A round is come to from the nearest checkpoint before it whose blobs are all there; where there is
// none one is told from which round on there is.
func TestTheOriginOfARound(t *testing.T) {
	f, _ := allKept(t)
	lines, err := results.Ledger(f.Dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	is := func(round, from, later int, warnings ...string) {
		t.Helper()
		o, err := results.At(f.Dir, 0, round, lines)
		got := -1
		if o.From != nil {
			got = o.From.Machine.Round
		}
		if err != nil || got != from || o.Later != later || len(o.Warnings) != len(warnings) {
			t.Fatalf("round %d from %d, or after %d, %v, %q; from %d or after %d was expected, and %q", round, got, o.Later, err, o.Warnings, from, later, warnings)
		}
		for i, w := range warnings {
			if !strings.Contains(o.Warnings[i], w) {
				t.Errorf("%q was expected, not %q", w, o.Warnings[i])
			}
		}
	}
	beyond := func(round int) method.Blob { // what a round names and the one before it does not
		var named [2][]method.Blob
		for i := range named {
			o, err := results.At(f.Dir, 0, round-1+i, lines)
			if err != nil {
				t.Fatal(err)
			}
			named[i] = o.From.Machine.Names()
		}
		i := slices.IndexFunc(named[1], func(b method.Blob) bool { return !slices.Contains(named[0], b) })
		if i < 0 {
			t.Fatalf("round %d names nothing new", round)
		}
		return named[1][i]
	}
	third, fourth := beyond(3), beyond(4)
	is(3, 3, -1)
	is(9, 5, -1)
	unlist(t, f, fourth)
	is(5, 3, -1, "000005.json is left out: it names blob", "000004.json is left out: it names blob")
	for round := range 3 {
		if err := os.Remove(filepath.Join(f.Dir, "checkpoints", "000", fmt.Sprintf("%06d.json", round))); err != nil {
			t.Fatal(err)
		}
	}
	is(2, -1, 3)
	unlist(t, f, third)
	is(2, -1, -1)
	is(3, -1, -1, "000003.json is left out: it names blob")
	edit(t, filepath.Join(f.Dir, "checkpoints", "000", "000005.json"), `"machine"`, `"Machine"`)
	is(2, -1, -1, "000005.json is left out: its bytes are not those")
}
