package main

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
)

// nullKeeper writes and syncs a checkpoint at the end of each round. The disk works while
// the next round does, and has until its end: a trial goes on from the newest checkpoint
// that is on the disk, whose blobs stay until a newer one is.
type nullKeeper struct {
	book  *ledger.Book
	dir   string
	blobs *blob.Store
	file  *os.File
	lines *bufio.Writer

	out  chan error    // of the checkpoint that is on its way; nil: none is
	kept []method.Blob // that it names
}

func newNullKeeper(dir string, blobs *blob.Store) (*nullKeeper, error) {
	file, err := os.Create(filepath.Join(dir, "ledger.jsonl"))
	if err != nil {
		return nil, err
	}
	k := &nullKeeper{dir: dir, blobs: blobs, file: file, lines: bufio.NewWriterSize(file, 256<<10)}
	k.book = ledger.NewBook(func(line []byte) error { _, err := k.lines.Write(line); return err })
	return k, nil
}

// Keep keeps what the machine would go on from. No client is at work now, so what was put
// before the last checkpoint, and neither it nor this one names, can go.
func (k *nullKeeper) Keep(m *coordinator.Machine) error {
	if err := k.wait(); err != nil {
		return err
	}
	c := m.Checkpoint()
	text, err := c.Encode()
	if err != nil {
		return err
	}
	names := c.Names()
	before := k.blobs.Generation()
	if _, err := k.blobs.NewGeneration(); err != nil {
		return err
	}
	if _, err := k.blobs.Retire(before, func(b method.Blob) bool { return slices.Contains(names, b) || slices.Contains(k.kept, b) }); err != nil {
		return err
	}
	if err := k.lines.Flush(); err != nil {
		return err
	}
	k.kept, k.out = names, make(chan error, 1)
	go func(out chan<- error) {
		err := errors.Join(k.blobs.Settle(names), k.file.Sync())
		if err == nil {
			err = results.WriteFile(filepath.Join(k.dir, "checkpoint.json"), text)
		}
		out <- err
	}(k.out)
	return nil
}

// wait waits for the disk.
func (k *nullKeeper) wait() error {
	if k.out == nil {
		return nil
	}
	err := <-k.out
	k.out = nil
	return err
}

func (k *nullKeeper) close() error { return errors.Join(k.wait(), k.file.Close()) }
