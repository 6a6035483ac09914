package actors

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// What a worker that is gone has left is swept away, and nothing that a living one has: another
// worker, or the same one in its next life.
func TestSpoolOfTheDeadIsSwept(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no lock there that ends with the process")
	}
	dir := t.TempDir()
	put := func(worker string) (*spool, string) {
		s := &spool{dir: dir, worker: worker}
		var b blob.Batch
		if err := b.Add(method.Tensors{List: []method.Tensor{{Name: worker, Shape: []int{1}, Data: []float32{1}}}}); err != nil {
			t.Fatal(err)
		}
		b.Name()
		seg, _, err := s.put(&b, 1)
		if err != nil {
			t.Fatal(err)
		}
		return s, seg.path
	}
	killed, left := put("w1-run-first")
	anew, stays := put("w1-run-second")
	if err := sweep(dir); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{left, stays} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("its worker lives: %v", err)
		}
	}
	if err := killed.segments[0].file.Close(); err != nil { // as the system does it
		t.Fatal(err)
	}
	for range 2 {
		if err := sweep(dir); err != nil {
			t.Fatal(err)
		}
	}
	if all, _ := filepath.Glob(filepath.Join(dir, "*")); len(all) != 1 || all[0] != stays {
		t.Errorf("%q are left, of which %s is a living worker's", all, stays)
	}
	if err := anew.close(); err != nil {
		t.Error(err)
	}
}

// A file that a worker has begun, and was killed before it had its name, is swept away once its
// worker must have given it one.
func TestSpoolThatNeverGotItsName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no lock there that ends with the process")
	}
	dir := t.TempDir()
	old, young := filepath.Join(dir, "w1-1.spool.new"), filepath.Join(dir, "w1-2.spool.new")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * youngSpool)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	if err := sweep(dir); err != nil {
		t.Fatal(err)
	}
	if all, _ := filepath.Glob(filepath.Join(dir, "*")); len(all) != 1 || all[0] != young {
		t.Errorf("%q are left; %s, which may get its name, was expected", all, young)
	}
}

// A file that cannot have its name leaves nothing, and its bytes are not told of.
func TestSpoolWhoseNameIsTaken(t *testing.T) {
	dir := t.TempDir()
	s := &spool{dir: dir, worker: "w1"}
	taken := filepath.Join(dir, "w1-1.spool")
	if err := os.MkdirAll(filepath.Join(taken, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.room(1); err == nil {
		t.Fatal("a file took the place of a folder")
	}
	if all, _ := filepath.Glob(filepath.Join(dir, "*")); len(all) != 1 || len(s.segments) != 0 {
		t.Errorf("%q and %d segments are left", all, len(s.segments))
	}
}
