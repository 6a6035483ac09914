package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A run does not go on from adapters that were changed where they lie: what came of it would be
// of another run, and nobody would know.
func TestResumeRefusesChangedBlobs(t *testing.T) {
	dir, cache := workbench(t), t.TempDir()
	want := hashIn(t, dir, cache, "--seeds", "1", "--keep", "all", "--out", "r")
	for _, file := range []string{"manifest.json", "checkpoints/000/end.json"} {
		if err := os.Remove(filepath.Join(dir, "r", file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "sound"), os.DirFS(filepath.Join(dir, "r"))); err != nil {
		t.Fatal(err)
	}
	flipEnds(t, filepath.Join(dir, "r", "blobs"))
	c, _ := simrunIn(t, dir, cache, "resume", "r", "-q")
	var said bytes.Buffer
	c.Stderr = &said
	if code := codeText(c.Run()); code != "6" || !strings.Contains(said.String(), "the file was changed") {
		t.Errorf("exit code %s:\n%s", code, said.String())
	}
	c, out := simrunIn(t, dir, cache, "resume", "sound", "-q", "-o", "json")
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	if got, err := hashOf(out.Bytes()); err != nil || got != want {
		t.Errorf("the sound copy has hash %s, %v; expected %s", got, err, want)
	}
}

// flipEnds changes the last byte of every blob of a store.
func flipEnds(t *testing.T, dir string) {
	t.Helper()
	indexes, err := filepath.Glob(filepath.Join(dir, "*.idx"))
	if err != nil || len(indexes) == 0 {
		t.Fatalf("%d indexes, %v", len(indexes), err)
	}
	for _, index := range indexes {
		lines, err := os.ReadFile(index)
		if err != nil {
			t.Fatal(err)
		}
		segment := strings.TrimSuffix(index, ".idx") + ".seg"
		content, err := os.ReadFile(segment)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(lines)) {
			var name string
			var at, length int
			if _, err := fmt.Sscan(line, &name, &at, &length); err != nil {
				t.Fatalf("%s: %q: %v", index, line, err)
			}
			content[at+length-1] ^= 1
		}
		if err := os.WriteFile(segment, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
