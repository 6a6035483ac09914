package blob

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/loramesh/loramesh/plugins/method"
)

// spares counts the spares on the disk.
func spares(t *testing.T, s *Store) int {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(s.dir, "*"+spareExt))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// fileOf is the file that a blob lies in.
func fileOf(t *testing.T, s *Store, b method.Blob) os.FileInfo {
	t.Helper()
	h, err := s.Handle(b)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(h.Segment)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// The file of a generation that has ended is written over by one that comes, and what it held is
// found by nobody.
func TestARetiredFileIsWrittenOver(t *testing.T) {
	s := create(t)
	base := put(t, s, "base")
	next(t, s)
	old := put(t, s, strings.Repeat("old", 100))
	was := fileOf(t, s, old)
	retire(t, s, next(t, s), base)
	if files(t, s) != 1 || spares(t, s) != 1 {
		t.Fatalf("%d segments, %d spares; one of each was expected", files(t, s), spares(t, s))
	}
	young := put(t, s, "young")
	if !os.SameFile(fileOf(t, s, young), was) || spares(t, s) != 0 {
		t.Error("a new file was made while there was a spare")
	}
	want(t, s, young, "young")
	if s.Has(old) {
		t.Error("what was written over is found")
	}
	s.Close()
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	want(t, again, base, "base")
	want(t, again, young, "young")
	if err := again.Verify(); err != nil || again.Has(old) {
		t.Errorf("%v; what was written over is found: %v", err, again.Has(old))
	}
}

// Whoever holds, here or by a handle in another process, finds the old bytes; a reader that asks by
// the old path is told that it is gone.
func TestASpareWaitsForThoseWhoLook(t *testing.T) {
	s := create(t)
	next(t, s)
	b := put(t, s, "looked at")
	h, _ := s.Handle(b)
	r := NewReader()
	defer r.Close()
	release := s.Hold()
	here, _ := s.Bytes(b)
	there, err := r.Bytes(h)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		retire(t, s, next(t, s))
		put(t, s, "somethingelse")
	}
	if string(here) != "looked at" || string(there) != "looked at" {
		t.Errorf("%q here, %q there", here, there)
	}
	release()
	retire(t, s, next(t, s))
	if len(s.holds.gone) != 0 || len(s.spares) == 0 {
		t.Errorf("%d views wait, %d spares", len(s.holds.gone), len(s.spares))
	}
	if err := r.Forget(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Bytes(h); !os.IsNotExist(err) {
		t.Errorf("by the old path: %v", err)
	}
}

// A reader that has mapped a file finds it by its next name where it had it, and lets go of it when it
// has none.
func TestAReaderKeepsAFileThatIsWrittenOver(t *testing.T) {
	s := create(t)
	next(t, s)
	r := NewReader()
	defer r.Close()
	look := func(content string) []byte {
		t.Helper()
		h, _ := s.Handle(put(t, s, content))
		got, err := r.Bytes(h)
		if err != nil || string(got) != content {
			t.Fatalf("%q: %q, %v", content, got, err)
		}
		return got
	}
	was := look("first")
	retire(t, s, next(t, s))
	for range 2 { // while it is a spare, and while it is written over
		if err := r.Forget(); err != nil || len(r.views) != 0 || len(r.idle) != 1 {
			t.Fatalf("%v: %d views, %d idle", err, len(r.views), len(r.idle))
		}
	}
	if is := look("second"); unsafe.SliceData(is) != unsafe.SliceData(was) || len(r.idle) != 0 {
		t.Error("the file was mapped anew")
	}
	h, _ := s.Lend(put(t, s, "lent")) // so its file is removed
	if _, err := r.Bytes(h); err != nil {
		t.Fatal(err)
	}
	retire(t, s, next(t, s))
	if err := r.Forget(); err != nil || len(r.views) != 0 || len(r.idle) != 0 || len(r.holds.gone) != 0 {
		t.Errorf("%v: %d views, %d idle, %d wait, of files that are gone", err, len(r.views), len(r.idle), len(r.holds.gone))
	}
}

// What must not be written over is removed: a file that was lent, one that somebody writes into, one
// whose index a process before this one has written; and no more are kept than MaxSpares.
func TestWhatIsNoSpare(t *testing.T) {
	s := create(t)
	next(t, s)
	lent := put(t, s, "lent")
	h, err := s.Lend(lent)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader()
	defer r.Close()
	got, err := r.Bytes(h)
	if err != nil {
		t.Fatal(err)
	}
	retire(t, s, next(t, s))
	put(t, s, "other")
	if spares(t, s) != 0 || string(got) != "lent" {
		t.Errorf("%d spares; what was lent is %q", spares(t, s), got)
	}
	var b Batch
	keep(&b, []byte("on its way"))
	run, _, err := s.reserve(b.items)
	if err != nil {
		t.Fatal(err)
	}
	retire(t, s, next(t, s))
	if spares(t, s) != 0 {
		t.Error("a file that somebody writes into is a spare")
	}
	if taken, err := s.enter(run, write(run.file, b.content, run.at)); taken || err != nil {
		t.Error(taken, err)
	}

	put(t, s, "indexed")
	s.Close()
	s, err = Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	retire(t, s, next(t, s))
	if spares(t, s) != 0 {
		t.Error("a file with an index is a spare")
	}

	var all [MaxSpares + 2]Batch
	for i := range all { // each has a segment of its own, as long as all are on their way
		keep(&all[i], []byte{byte(i)})
	}
	runs := make([]aloft, 0, len(all))
	for i := range all {
		r, _, err := s.reserve(all[i].items)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, aloft{r, all[i].content})
	}
	for _, x := range runs {
		if taken, err := s.enter(x.run, write(x.file, x.content, x.at)); !taken || err != nil {
			t.Fatal(taken, err)
		}
	}
	retire(t, s, next(t, s))
	if n := spares(t, s); n != MaxSpares {
		t.Errorf("%d spares, at most %d were expected", n, MaxSpares)
	}
	s.Close()
	if n := spares(t, s); n != 0 {
		t.Errorf("%d spares outlive the store", n)
	}
}

// aloft is a batch on its way.
type aloft struct {
	run
	content []byte
}

// A spare is about as long as what was written into it last, and not as what was written into it ever.
func TestASpareDoesNotStayLong(t *testing.T) {
	s := create(t)
	defer s.Close()
	base := put(t, s, "base")
	next(t, s)
	put(t, s, strings.Repeat("long", SegmentBytes/8))
	for _, short := range []string{"short", "also short"} {
		retire(t, s, next(t, s), base)
		b := put(t, s, short)
		if n := fileOf(t, s, b).Size(); n < int64(len(short)) || short != "short" && n > excessBytes {
			t.Errorf("%q lies in a file of %d bytes", short, n)
		}
		want(t, s, b, short)
	}
}
