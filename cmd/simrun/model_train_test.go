package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/solo"
	"github.com/loramesh/loramesh/sim/train"
)

// Two trainings in one folder would take each other's files away: the second is refused, with
// --resume or without, before anything is read.
func TestTrainingsInOneFolder(t *testing.T) {
	dir := t.TempDir()
	into := filepath.Join(dir, "into")
	if err := os.Mkdir(into, 0o755); err != nil {
		t.Fatal(err)
	}
	release, err := results.Lock(into)
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{nil, {"--resume"}} {
		c, _ := simrunIn(t, dir, t.TempDir(), append([]string{"model", "train", "--model", "none", "--data", "none.jsonl", "--into", "into"}, more...)...)
		var said bytes.Buffer
		c.Stderr = &said
		if got := codeText(c.Run()); got != "2" || !strings.Contains(said.String(), "--into into: another process trains into it") {
			t.Errorf("%q: exit code %s: %s", more, got, said.String())
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	f := tuning{into: into}
	if err := f.place(); err != nil {
		t.Fatal(err)
	}
	if _, err := results.Lock(into); err != results.ErrLocked { //nolint:errorlint // it is that one
		t.Errorf("a training that has its place has not locked it: %v", err)
	}
	f.leave()
}

// Of a folder that a training ends in, its own torn files go, and no others.
func TestClear(t *testing.T) {
	dir := t.TempDir()
	for name, stays := range map[string]bool{
		"unfinished.safetensors": false, ".unfinished.safetensors.123": false, ".adapter_config.json.9": false, ".adapter_model.safetensors.0": false,
		"adapter_config.json": true, ".adapter_config.json.bak": true, ".adapter_config.json.": true, ".unfinished.safetensors.1x": true, "notes.1": true,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := (&keep{into: dir}).clear(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil { // it was empty
			t.Fatal(err)
		}
	}
}

// A checkpoint outlives all that is not its own fault, and is only promised where it lies.
func TestWhatIsLeft(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, unfinishedFile)
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	k := &keep{into: dir, training: new(solo.Training), step: 5}
	if err := k.broke(context.Background(), errors.New("odd")); err == nil || err.Error() != "odd; the same command with --resume goes on from update 5" {
		t.Error(err)
	}
	if err := k.lost("the adapter", errors.New("full")); err == nil || !strings.HasSuffix(err.Error(), "could not be written: full; once that is mended, the same command with --resume goes on from update 5") {
		t.Error(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	k.failed = false
	if err := k.broke(context.Background(), fmt.Errorf("%w at update 6", train.ErrDiverged)); !errors.Is(err, train.ErrDiverged) {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a training that diverged has left its checkpoint")
	}
	if err := k.lost("the adapter", errors.New("full")); err == nil || !strings.HasSuffix(err.Error(), "could not be written: full; there is no checkpoint to go on from") {
		t.Error(err)
	}
}
