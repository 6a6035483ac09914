package results_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/resultstest"
)

// put makes a file of a run folder, and the folders that it lies in.
func put(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What somebody else has put into a whole run is named, and the run is sound; what a process that
// was killed has left over is not named.
func TestVerifyNamesStrangers(t *testing.T) {
	dir := resultstest.Make(t, resultstest.Small)
	remake(t, dir)
	for _, name := range []string{"blobs/000001-000001.spare", "checkpoints/000/.spare", "checkpoints/001/.late", "checkpoints/000/.000007.json.123",
		".manifest.json.45", "spool/w-1/3.seg"} {
		put(t, dir, name)
	}
	if c, err := results.Verify(dir); err != nil || len(c.Strangers) > 0 {
		t.Fatalf("what a kill may leave: %q, %v", c.Strangers, err)
	}
	want := []string{".hidden.1", "INCOMPLETE", "README", "adapters/", "blobs/000009-000001.seg", "blobs/notes", "checkpoints/000/000002.json",
		"checkpoints/009/", "ledger/006.jsonl", "ledger/000.jsonl.bak", "notes/", "scenario.yml"}
	for _, name := range want {
		if strings.HasSuffix(name, "/") { // which is named without what is in it
			name += "a/b"
		}
		put(t, dir, name)
	}
	slices.Sort(want)
	c, err := results.Verify(dir)
	if slices.Sort(c.Strangers); err != nil || !slices.Equal(c.Strangers, want) {
		t.Errorf("%v\n got %q\nwant %q", err, c.Strangers, want)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if c, err := results.Verify(link); err != nil || len(c.Strangers) != len(want) {
		t.Errorf("by a link: %q, %v", c.Strangers, err)
	}
	flip(t, filepath.Join(dir, "blobs"))
	if c, err := results.Verify(dir); err == nil || len(c.Strangers) != len(want) {
		t.Errorf("of a run that is damaged: %q, %v", c.Strangers, err)
	}
}
