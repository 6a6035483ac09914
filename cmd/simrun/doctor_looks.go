package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/results"
)

// Below these a run may still do, or cannot be expected to.
const (
	fewMemory = 1 << 30
	fewDisk   = 1 << 30
	noDisk    = 16 << 20
)

func lookAtProcessor(context.Context) finding {
	name := cpuName()
	if name == "" {
		name = runtime.GOARCH
	}
	return ok("%s, %s, kernels %s, products in bf16 by %s, contract %s", name, count(runtime.NumCPU(), "core"), kernel.CPU(), kernel.RoundedCPU(), contract())
}

func lookAtMemory(context.Context) finding {
	n := memoryBytes()
	if n == 0 {
		return ok("this system does not say in a file how much there is")
	}
	f := ok("%s", results.Bytes(float64(n)))
	if n < fewMemory {
		return f.but("warn", "small models only: a base takes four bytes a parameter, and 16 while it is pre-trained")
	}
	return f
}

func lookAtRuns(context.Context) finding {
	dir, err := filepath.Abs("runs")
	if err != nil {
		return failed(err, "start simrun in a folder that is there")
	}
	return lookAtFolder(dir, "start simrun elsewhere, or give run --out")
}

func lookAtCache(context.Context) finding {
	dir, err := cacheDir()
	if err != nil {
		return failed(err, "set SIMRUN_CACHE to a folder")
	}
	return lookAtFolder(dir, "set SIMRUN_CACHE to another folder, or make room with simrun cache clean")
}

// lookAtFolder tries to write where a folder is or would be made, and sees how much room
// there is.
func lookAtFolder(dir, cure string) finding {
	there := dir
	for {
		if _, err := os.Stat(there); err == nil || there == filepath.Dir(there) {
			break
		}
		there = filepath.Dir(there)
	}
	trial, err := os.MkdirTemp(there, ".simrun-doctor-")
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(trial, "x"), []byte("x"), 0o644), os.RemoveAll(trial))
	}
	if err != nil {
		return failed(err, cure)
	}
	free, known, err := freeBytes(there)
	switch {
	case err != nil:
		return failed(err, cure)
	case !known:
		return ok("%s can be written to; how much room there is, this system does not say", dir)
	}
	f := ok("%s has %s free", dir, results.Bytes(float64(free)))
	switch {
	case free < noDisk:
		return f.but("fail", cure)
	case free < fewDisk:
		return f.but("warn", cure)
	}
	return f
}

func lookAtTemp(context.Context) finding {
	const cure = "set TMPDIR to another folder"
	if _, err := os.Stat(os.TempDir()); err != nil {
		return failed(err, cure) // nobody makes it, unlike the others
	}
	return lookAtFolder(os.TempDir(), cure)
}

// lookAtSharing has one store write what another reads, as simrun and a plugin do.
func lookAtSharing(context.Context) (f finding) {
	const cure = "methods run with --plugins in-process; or set TMPDIR to a folder on a disk of this machine"
	dir, err := os.MkdirTemp("", "simrun-doctor-")
	if err != nil {
		return failed(err, "set TMPDIR to another folder")
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			f = failed(err, cure)
		}
	}()
	if err := shareBlob(dir); err != nil {
		return failed(err, cure)
	}
	if !blob.Maps {
		return ok("tensors go between processes as messages: this system maps no files")
	}
	return ok("tensors go between processes by mapped files in %s", os.TempDir())
}

func shareBlob(dir string) (err error) {
	store, err := blob.Create(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	name, err := store.Put(linalg.Tensors{List: []linalg.Tensor{{Name: "x", Shape: []int{2}, Data: []float32{1, 2}}}})
	if err != nil {
		return err
	}
	handle, err := store.Handle(name)
	if err != nil {
		return err
	}
	reader := blob.NewReader()
	defer func() { err = errors.Join(err, reader.Close()) }()
	content, err := reader.Bytes(handle)
	if err == nil && blob.Name(content) != name {
		err = errors.New("what was written is not what is read")
	}
	return err
}

func lookAtPlugin(ctx context.Context) (f finding) {
	const cure = "methods run with --plugins in-process; a run with -v says what the plugin printed"
	began := time.Now()
	s := newShelf(nil, false, time.Minute, slog.New(slog.DiscardHandler))
	defer func() {
		if err := s.close(); err != nil {
			f = failed(err, cure)
		}
	}()
	if _, _, err := s.method(ctx, builtin.Names()[0]); err != nil {
		return failed(err, cure)
	}
	return ok("a process that serves methods starts in %s", results.Wall(time.Since(began)))
}

func lookAtBroker(context.Context) finding {
	const cure = "runs go with --engine inline"
	began := time.Now()
	server, err := mesh.Start(true)
	if err != nil {
		return failed(err, cure)
	}
	defer server.Close()
	conn, err := mesh.Dial(server.Address(), "doctor", nil)
	if err != nil {
		return failed(err, cure+"; --workers needs the loopback network")
	}
	conn.Close()
	return ok("the embedded broker starts, and answers on a port of the loopback, in %s", results.Wall(time.Since(began)))
}
