package blob

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

func TestVerifyNamesTheChangedBlob(t *testing.T) {
	s := create(t)
	put(t, s, "sound")
	b := put(t, s, "to be changed")
	h, _ := s.Handle(b)
	f, err := os.OpenFile(h.Segment, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteAt([]byte("T"), h.Offset)
	f.Close()
	err = s.Verify()
	if err == nil || !strings.Contains(err.Error(), string(b)) || strings.Count(err.Error(), "\n") != 0 {
		t.Errorf("got %v, want one fault naming %s", err, b)
	}
	if err := s.VerifyStored([]method.Blob{b, Name([]byte("never stored"))}); err == nil || !strings.Contains(err.Error(), string(b)) {
		t.Errorf("of two names, one stored and changed, one not: %v", err)
	}
	if err := s.VerifyStored([]method.Blob{Name([]byte("sound"))}); err != nil {
		t.Errorf("a sound blob beside a changed one: %v", err)
	}
}

func TestOpenSeesATruncatedSegment(t *testing.T) {
	s := create(t)
	b := put(t, s, strings.Repeat("z", 1000))
	h, _ := s.Handle(b)
	s.Close()
	if err := os.Truncate(h.Segment, 500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s.dir); err == nil || !strings.Contains(err.Error(), h.Segment) || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("got %v", err)
	}
}

func TestALineWithoutEndWasNeverWritten(t *testing.T) {
	s := create(t)
	a, b := put(t, s, "whole"), put(t, s, "torn")
	index := s.writing[0][0].indexPath()
	s.Close()
	info, _ := os.Stat(index)
	if err := os.Truncate(index, info.Size()-3); err != nil {
		t.Fatal(err)
	}
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	want(t, again, a, "whole")
	if again.Has(b) {
		t.Error("half a line names a blob")
	}
	want(t, again, put(t, again, "torn"), "torn")
}

func TestOpenRefusesANonsenseIndex(t *testing.T) {
	good := strings.Repeat("a", 64)
	for name, line := range map[string]string{
		"no numbers":    good + "\n",
		"no hash":       "xyz 0 0\n",
		"unaligned":     good + " 7 0\n",
		"negative":      good + " -64 0\n",
		"overflow":      good + " 64 9223372036854775807\n",
		"past the file": good + " 64 1000\n",
		"upper case":    strings.ToUpper(good) + " 0 0\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := create(t)
			put(t, s, "x")
			index := s.writing[0][0].indexPath()
			s.Close()
			if err := os.WriteFile(index, []byte(line), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(s.dir); err == nil {
				t.Error("opened")
			}
		})
	}
}

// What a process that was killed has left over goes with the first Put, and no sooner: a store that
// is only read stays as it is.
func TestWhatWasLeftOverGoes(t *testing.T) {
	s := create(t)
	kept := put(t, s, "kept")
	s.Close()
	for _, name := range []string{"000000-000002.seg", "000003-000001.seg", "000002-000001" + spareExt} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte("left over"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	want(t, again, kept, "kept")
	if n := files(t, again); n != 3 {
		t.Errorf("%d segments after a look, want all 3", n)
	}
	want(t, again, put(t, again, "new"), "new")
	if all, err := os.ReadDir(s.dir); err != nil || len(all) != 3 {
		t.Errorf("%v, %v; two segments and one index were expected", all, err)
	}
}

// A full disk is an error of Put. /dev/full plays the disk.
func TestFullDiskIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	s := create(t)
	a := put(t, s, "fits")
	s.writing[0][0].data.Close()
	s.writing[0][0].data = full
	if b, err := s.PutBytes([]byte("does not fit")); err == nil || s.Has(b) {
		t.Errorf("put %q on a full disk: %v", b, err)
	}
	want(t, s, a, "fits")
}

// Zeros in an index, as a power failure leaves them where its length came before its bytes, end it.
func TestZerosInAnIndex(t *testing.T) {
	dir := t.TempDir()
	s, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := put(t, s, "there")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.idx"))
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(names[0], append(append(text, make([]byte, 500)...), " 64 12\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	want(t, s, b, "there")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// idle is a disk that is asked for nothing.
type idle struct{ Disk }

func (idle) Sync(*os.File) error { return nil }

// A store may be opened while its run is at work on it: segments come, grow and go, and nothing looks damaged.
func TestOpenBesideAWriter(t *testing.T) {
	s := create(t)
	s.On(idle{})
	var over atomic.Bool
	var beside sync.WaitGroup
	for range 2 {
		beside.Go(func() {
			for !over.Load() {
				r, err := Open(s.dir)
				if err != nil {
					t.Error(err)
					return
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 2000 {
		b := put(t, s, strings.Repeat("grows", i))
		if err := s.Settle([]method.Blob{b}); err != nil {
			t.Error(err)
		}
		if i%3 > 0 {
			continue
		}
		for _, seg := range s.writing[0] { // as if it were full
			if err := seg.shut(); err != nil {
				t.Error(err)
			}
		}
		delete(s.writing, 0)
		retire(t, s, s.Generation())
	}
	over.Store(true)
	beside.Wait()
}

// An index that leads nowhere is damage, and not one that went while the store was opened.
func TestAnIndexThatLeadsNowhere(t *testing.T) {
	s := create(t)
	put(t, s, "kept")
	s.Close()
	path := filepath.Join(s.dir, "000000-000009.idx")
	if _, err := openSegment(path, 0); !errors.Is(err, errGone) {
		t.Errorf("what is not there: %v", err)
	}
	if err := os.Symlink("nowhere", path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s.dir); err == nil || errors.Is(err, errGone) {
		t.Errorf("a link to nowhere: %v", err)
	}
}
