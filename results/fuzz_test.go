package results_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/resultstest"
)

// FuzzRead: whatever was done to the files of a run folder, reading, verifying and
// tabulating it end without a panic, and what Verify finds is a mismatch or no run folder.
func FuzzRead(f *testing.F) {
	dir := resultstest.Make(f, resultstest.Small)
	names := []string{"plan.json", "manifest.json", "participants.csv"}
	var whole []string
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		whole = append(whole, string(b))
	}
	f.Add(whole[0], whole[1], whole[2])
	f.Add("{}", "{}", "")
	f.Add(`{"trials":[{"id":"000"}]}`, whole[1], whole[2])
	f.Fuzz(func(t *testing.T, plan, manifest, participants string) {
		for i, text := range []string{plan, manifest, participants} {
			if err := os.WriteFile(filepath.Join(dir, names[i]), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, err := results.Verify(dir)
		if err != nil && !errors.Is(err, results.ErrMismatch) && !errors.Is(err, results.ErrNoRun) && !errors.As(err, new(*fs.PathError)) {
			t.Fatalf("another error: %v", err)
		}
		r, err := results.Read(dir)
		if err != nil {
			return
		}
		r.Summarise().Table()
	})
}
