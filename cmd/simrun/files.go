package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/loramesh/loramesh/plugins/blob"
)

// files gives bases and data sets the files of this machine. Weights are mapped and stay
// so as long as the program runs: a checkpoint costs the pages that are looked at, and two
// processes share them. Everything else is read.
type files struct{ maps *blob.Reader }

func newFiles() files { return files{blob.NewReader()} }

// ReadFile returns what is in a file; it must not be written to.
func (f files) ReadFile(path string) ([]byte, error) {
	if !strings.HasSuffix(path, ".safetensors") {
		return os.ReadFile(path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return f.maps.Bytes(blob.Handle{Segment: path, Length: info.Size()})
}

// Glob lists the files that a pattern names.
func (files) Glob(pattern string) ([]string, error) { return filepath.Glob(pattern) }
