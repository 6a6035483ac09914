package remote

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/blob/owner"
)

// A host that is killed removes nothing: the next one takes away the folders of sockets that nobody
// has, and no other.
func TestSocketsOfTheDeadAreSwept(t *testing.T) {
	if !owner.Tells {
		t.Skip("this system does not tell who has a folder")
	}
	parent, err := os.MkdirTemp("/tmp", "s") // short, for sockets lie in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	t.Setenv("TMPDIR", parent)
	dir, mine, err := socketDir("")
	if err != nil || filepath.Dir(dir) != parent {
		t.Fatalf("%q, %v", dir, err)
	}
	dead, young, other := filepath.Join(parent, "simrun-sockets-1"), filepath.Join(parent, "simrun-sockets-2"), filepath.Join(parent, "simrun-sockets-of-mine")
	for _, d := range []string{dead, young, other} {
		if err := os.MkdirAll(filepath.Join(d, "plugin-dir1"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{dir, dead, other} {
		long := time.Now().Add(-time.Hour)
		if err := os.Chtimes(d, long, long); err != nil {
			t.Fatal(err)
		}
	}
	second, its, err := socketDir("")
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range map[string]bool{dir: true, second: true, young: true, other: true, dead: false} {
		if _, err := os.Stat(d); (err == nil) != want {
			t.Errorf("%s is there: %t, want %t", filepath.Base(d), err == nil, want)
		}
	}
	for _, f := range []*os.File{mine, its} {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
