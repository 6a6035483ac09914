package main

import (
	"bytes"
	"os"
	"testing"
)

func TestCacheGivesBackWhatWasSaved(t *testing.T) {
	c := diskCache{dir: t.TempDir() + "/deep/down"}
	if _, ok, err := c.Load("a"); ok || err != nil {
		t.Fatalf("an empty cache has something: %v", err)
	}
	for key, content := range map[string]string{"a": "one", "b": "", "a/../b": "three"} {
		if err := c.Save(key, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	for key, content := range map[string]string{"a": "one", "b": "", "a/../b": "three"} {
		got, ok, err := c.Load(key)
		if err != nil || !ok || string(got) != content {
			t.Errorf("%s: %q, %v, %v", key, got, ok, err)
		}
	}
}

// A damaged entry costs time and nothing else.
func TestCacheForgetsWhatIsDamaged(t *testing.T) {
	c := diskCache{dir: t.TempDir()}
	if err := c.Save("a", bytes.Repeat([]byte("x"), 100)); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(c.path("a"))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[50] ^= 1
	for name, b := range map[string][]byte{"cut": whole[:60], "flipped": flipped, "empty": nil} {
		if err := os.WriteFile(c.path("a"), b, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := c.Load("a"); ok || err != nil {
			t.Errorf("%s: ok %v, err %v", name, ok, err)
		}
	}
}
