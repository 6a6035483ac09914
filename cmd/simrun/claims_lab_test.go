package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results/claims"
)

// Under the path of an input lies its folder; every other path is what it was.
func TestInputsLieWhereTheyAreGiven(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	f := inputFiles{newFiles(), map[string]string{claims.Input{Name: "small"}.Path(): dir}}
	if b, err := f.ReadFile("input/small/config.json"); err != nil || string(b) != "{}" {
		t.Errorf("%q, %v", b, err)
	}
	if names, err := f.Glob("input/small/*.json"); err != nil || len(names) != 1 {
		t.Errorf("%v, %v", names, err)
	}
	for _, path := range []string{"input/smaller/config.json", "input/other/config.json", "input"} {
		if got := f.place(path); got != path {
			t.Errorf("%s became %s", path, got)
		}
	}
}

func TestWhatClaimsNeedIsAskedForAtOnce(t *testing.T) {
	x, err := claims.Lookup("F6")
	if err != nil {
		t.Fatal(err)
	}
	y, err := claims.Lookup("F1")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f := claimFlags{inputs: []string{"dolly=" + dir}}
	if _, err := f.inputsOf([]claims.Claim{y, x}); err == nil || !strings.Contains(err.Error(), "--input stories260k=DIR") || strings.Contains(err.Error(), "dolly=DIR") {
		t.Errorf("one of two is given: %v", err)
	}
	f.sets = []string{"bases.main.hf=elsewhere"}
	if given, err := f.inputsOf([]claims.Claim{y, x}); err != nil || given["input/dolly"] != dir {
		t.Errorf("the other is laid over: %v, %v", given, err)
	}
}
