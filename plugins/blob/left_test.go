package blob

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/blob/owner"
	"github.com/loramesh/loramesh/plugins/method"
)

// What stays is given away with its folder: it never lies in a file that held what went.
func TestWhatStaysLiesInNoSpare(t *testing.T) {
	s := create(t)
	for range 2 {
		next(t, s)
		put(t, s, strings.Repeat("somebody's upload", 100+s.Generation()))
	}
	retire(t, s, next(t, s))
	if spares(t, s) != 2 {
		t.Fatalf("%d spares, two were expected", spares(t, s))
	}
	b := put(t, s, "stays") // in a spare, and is moved
	if err := s.Settle([]method.Blob{b}); err != nil {
		t.Fatal(err)
	}
	retire(t, s, next(t, s), b)
	s.Close()
	files, _ := filepath.Glob(filepath.Join(s.dir, "000000-*.seg"))
	if len(files) == 0 {
		t.Fatal("nothing stays")
	}
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil || bytes.Contains(content, []byte("upload")) {
			t.Errorf("%s holds what went, %v", f, err)
		}
	}
}

// What a killed process has left over goes with the first Put or when it is asked for, and nothing
// else does: nothing of a reader, nothing that an index tells of, nothing that is not ours.
func TestWhatASweepTakes(t *testing.T) {
	if !owner.Tells {
		t.Skip("this system does not tell whose a folder is")
	}
	for name, end := range map[string]func(s *Store) error{
		"put":   func(s *Store) error { _, err := s.PutBytes([]byte("new")); return err },
		"sweep": (*Store).Sweep,
	} {
		t.Run(name, func(t *testing.T) {
			s := create(t)
			b := put(t, s, "kept")
			s.Close()
			left := []string{"000003-000001.spare", "000003-000002.seg"}
			others := []string{"notes.seg", "x.spare", "7.seg"}
			for _, f := range append(left, others...) {
				if err := os.WriteFile(filepath.Join(s.dir, f), []byte("bytes"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			there := func(f string) bool {
				_, err := os.Stat(filepath.Join(s.dir, f))
				return !errors.Is(err, fs.ErrNotExist)
			}
			r := reopen(t, s)
			want(t, r, b, "kept")
			r.Close()
			if !there(left[0]) || !there(left[1]) {
				t.Fatal("who reads has removed something")
			}
			w := reopen(t, s)
			if err := os.Remove(filepath.Join(s.dir, left[1])); err != nil { // somebody was quicker
				t.Fatal(err)
			}
			if err := end(w); err != nil {
				t.Fatal(err)
			}
			if there(left[0]) || !there("000000-000001.seg") || w.numbers[3] != 2 {
				t.Errorf("left over: %v; number %d is the next but one", there(left[0]), w.numbers[3])
			}
			for _, f := range others {
				if !there(f) {
					t.Errorf("%s was somebody else's", f)
				}
			}
			want(t, w, b, "kept")
		})
	}
}

// What cannot be removed is told of, and tried again.
func TestASweepThatFailsIsTriedAgain(t *testing.T) {
	s := create(t)
	put(t, s, "kept")
	s.Close()
	stuck := filepath.Join(s.dir, "000003-000001.spare", "x")
	if err := os.MkdirAll(stuck, 0o700); err != nil { // a folder that is not empty
		t.Fatal(err)
	}
	w := reopen(t, s)
	for range 2 {
		if _, err := w.PutBytes([]byte("new")); owner.Tells && err == nil {
			t.Fatal("what was left over stays, and nobody says so")
		}
	}
	if err := os.Remove(stuck); err != nil {
		t.Fatal(err)
	}
	put(t, w, "new")
}

// The lines of an index end where they were written last, whatever a try that failed has left behind
// them.
func TestAnIndexEndsWithItsLines(t *testing.T) {
	s := create(t)
	a := put(t, s, "a")
	if err := s.Settle([]method.Blob{a}); err != nil {
		t.Fatal(err)
	}
	index, err := os.OpenFile(s.segments[0].indexPath(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = index.WriteString(strings.Repeat("a line that was longer", 20) + "\n")
	if err := errors.Join(err, index.Close()); err != nil {
		t.Fatal(err)
	}
	b := put(t, s, "b")
	if err := s.Settle([]method.Blob{b}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	again := reopen(t, s)
	want(t, again, a, "a")
	want(t, again, b, "b")
}

// The names of the files that what lives on was moved to are on the disk before the old files go.
func TestARescueIsEntered(t *testing.T) {
	s := create(t)
	next(t, s)
	b := put(t, s, "lives")
	retire(t, s, next(t, s), b)
	p, ok := s.place(b)
	if !ok || p.seg.generation != 0 || !p.seg.entered {
		t.Errorf("it lies in generation %d, whose file's name is on the disk: %v", p.seg.generation, p.seg.entered)
	}
}

// A file that could not be made leaves nothing under its name.
func TestAFileThatCannotBeMapped(t *testing.T) {
	if !Maps {
		t.Skip("this system does not map files")
	}
	dir := t.TempDir()
	s := newSegment(dir, 1, 1, 1)
	s.capacity = -1
	if err := s.create(); err == nil {
		t.Fatal("a view of less than nothing was made")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v, %v are left", left, err)
	}
}

func reopen(t *testing.T, s *Store) *Store {
	t.Helper()
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() }) // it may be closed already
	return again
}

// An index that the power failed in before it had a line is nothing, and neither is its segment: both go with
// the first Put, and no index is left that has lost its segment.
func TestAnIndexWithoutALine(t *testing.T) {
	for name, lines := range map[string]string{"empty": "", "zeros": strings.Repeat("\x00", 90), "no end": strings.Repeat("a", 64) + " 0"} {
		for _, base := range []string{"000000-000002", "000002-000001"} { // of what stays, and of a generation
			t.Run(name+" "+base, func(t *testing.T) {
				s := create(t)
				b := put(t, s, "kept")
				s.Close()
				seg, idx := filepath.Join(s.dir, base+".seg"), filepath.Join(s.dir, base+".idx")
				if err := errors.Join(os.WriteFile(seg, []byte("bytes"), 0o600), os.WriteFile(idx, []byte(lines), 0o600)); err != nil {
					t.Fatal(err)
				}
				w := reopen(t, s)
				next(t, w)
				put(t, w, "new")
				retire(t, w, next(t, w), b)
				w.Close()
				want(t, reopen(t, s), b, "kept")
				for _, path := range []string{seg, idx} {
					if _, err := os.Stat(path); owner.Tells && !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("%s is left: %v", path, err)
					}
				}
			})
		}
	}
}

// stubborn is a disk that fails at an index.
type stubborn struct{ Disk }

func (d stubborn) Sync(f *os.File) error {
	if filepath.Ext(f.Name()) == ".idx" {
		return errors.ErrUnsupported
	}
	return d.Disk.Sync(f)
}

// An index that could not be written leaves none behind, whose segment may go.
func TestAnIndexThatCannotBeWritten(t *testing.T) {
	s := create(t)
	s.On(stubborn{System()})
	a := put(t, s, "a")
	if err := s.Settle([]method.Blob{a}); !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, "*.idx")); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
	s.On(System())
	if err := s.Settle([]method.Blob{a}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	want(t, reopen(t, s), a, "a")
}
