package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A checkpoint that is larger than memory is refused by its size: nothing of it is read.
// The file here is all hole, 200 GB of it; shards count together.
func TestWeightsLargerThanMemoryAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no holes")
	}
	big := filepath.Join(t.TempDir(), "model.safetensors")
	if err := os.WriteFile(big, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, 200e9); err != nil {
		t.Skipf("no file of that size here: %v", err)
	}
	f := newFiles()
	f.memory = 16e9
	_, err := f.ReadFile(big)
	if err == nil || codeOf(err) != exitInput || !strings.Contains(err.Error(), "has 200 GB") || !strings.Contains(err.Error(), "16.0 GB of memory") {
		t.Errorf("%v", err)
	}
	f = newFiles()
	f.memory = 10
	for i, want := range []bool{true, true, false} {
		shard := filepath.Join(t.TempDir(), "shard")
		if err := os.WriteFile(shard, []byte("four"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := f.ReadFile(shard); (err == nil) != want {
			t.Errorf("shard %d of four bytes, with memory for ten: %v", i, err)
		}
	}
}

// What need not end is no file: reading it would fill the memory, or wait for ever.
func TestDevicesAreNoFiles(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("no devices here")
	}
	_, err := newFiles().ReadFile("/dev/zero")
	if !errors.As(err, new(*fs.PathError)) || !strings.Contains(err.Error(), "/dev/zero: a file was expected, this is a device") {
		t.Errorf("%v", err)
	}
	if _, err := find("/dev/zero", changes{}); codeOf(err) != exitInput {
		t.Errorf("as a scenario: %v", err)
	}
}

// A file where a folder is meant is the user's to mend.
func TestAFileIsNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "model.safetensors")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := newFiles().ReadFile(filepath.Join(file, "config.json"))
	if codeOf(err) != exitInput || !strings.Contains(err.Error(), "model.safetensors is a file, not a folder: there is no config.json in it") {
		t.Errorf("%v", err)
	}
}
