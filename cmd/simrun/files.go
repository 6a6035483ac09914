package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/results"
)

// files gives bases and data sets the files of this machine. Weights are mapped and stay
// so as long as the program runs: a checkpoint costs the pages that are looked at, and two
// processes share them. Everything else is read.
type files struct {
	maps   *blob.Reader
	memory int64 // of the machine in bytes; 0: nobody knows
	taken  *atomic.Int64
}

func newFiles() files { return files{blob.NewReader(), memoryBytes(), new(atomic.Int64)} }

// mappedFiles are for those who look at weights and read no numbers: a model may be larger than
// the memory of this machine.
func mappedFiles() files {
	f := newFiles()
	f.memory = 0
	return f
}

// ReadFile returns what is in a file; it must not be written to. Weights that the machine
// cannot hold, in one file or in all shards together, are refused by their size before a
// page of them is looked at.
func (f files) ReadFile(path string) ([]byte, error) {
	size, err := regular(path)
	if err != nil {
		return nil, err
	}
	if taken := f.taken.Add(size); f.memory > 0 && taken > f.memory {
		return nil, misuse("%s has %s; the files of this run then have %s, and this machine has %s of memory: choose a smaller model or fewer data",
			path, results.Bytes(float64(size)), results.Bytes(float64(taken)), results.Bytes(float64(f.memory)))
	}
	if !strings.HasSuffix(path, ".safetensors") {
		return os.ReadFile(path)
	}
	return f.maps.Bytes(blob.Handle{Segment: path, Length: size})
}

// Glob lists the files that a pattern names.
func (files) Glob(pattern string) ([]string, error) { return filepath.Glob(pattern) }

// regular gives the size of a file, and refuses what need not end, as a pipe or a device.
func regular(path string) (size int64, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, syscall.ENOTDIR) {
		return 0, misuse("%s is a file, not a folder: there is no %s in it", filepath.Dir(path), filepath.Base(path))
	}
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return 0, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("a file was expected, this is %s", kindOf(info.Mode()))}
	}
	return info.Size(), nil
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
