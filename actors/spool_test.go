package actors

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

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
