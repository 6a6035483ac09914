package results

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// makeGood has the files of a run that was cut off hold what its journal says that they held, and
// removes the journal. After a power failure a file may lack what was never asked to reach the
// disk. What goes wrong on the way leaves the journal, and all can be done again.
func (f *Folder) makeGood(p Plan) error {
	path := f.path(journalFile)
	records, err := readJournal(path)
	if err == nil {
		err = follow(p, records)
	}
	if err == nil && len(records) > 0 {
		err = f.replay(records)
	}
	switch {
	case errors.Is(err, ErrMismatch):
		return fmt.Errorf("%s: %w; once that file is taken away, the run goes on from its newest checkpoint that is a file", path, err)
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.Remove(path); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	return blob.SyncDir(f.disk(), f.Dir)
}

// replay brings the folder to where the last record stands. Where it is past that already, as it is
// behind a checkpoint that went to the disk as files, nothing is to be done.
func (f *Folder) replay(records []record) error {
	last := records[len(records)-1]
	c, err := decodeCheckpoint(last.checkpoint)
	if err != nil {
		return fmt.Errorf("%w: its last checkpoint: %w", ErrMismatch, err)
	}
	if c.Lines != last.next() || c.Machine.Ended {
		return fmt.Errorf("%w: its last checkpoint stands after line %d of the ledger, and its lines end with %d", ErrMismatch, c.Lines, last.next())
	}
	there, _, err := readCheckpoints(f.Dir, last.Trial)
	if err != nil {
		return err
	}
	if n := len(there); n > 0 && there[n-1].Lines >= c.Lines {
		return nil
	}
	laid, err := f.layLines(last.Trial, records)
	if err != nil {
		return err
	}
	if !laid {
		f.Warnings = append(f.Warnings, fmt.Sprintf("trial %s: its journal is left out: its ledger lacks lines that were there before: was the folder copied while the run was at work?", last.Trial))
		return nil
	}
	if err := f.putBlobs(c, records); err != nil {
		return err
	}
	dir := checkpointPath(f.Dir, last.Trial)
	if err := makeDir(f.disk(), dir); err != nil {
		return err
	}
	if err := writeFile(f.disk(), filepath.Join(dir, c.file()), last.checkpoint); err != nil {
		return err
	}
	if last.Replaces == "" {
		return nil
	}
	if err := os.Remove(filepath.Join(dir, last.Replaces)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// layLines has a ledger hold the lines of the records, each where it stood. What is there beyond
// them stays where all before it was there. laid is false where lines are missing that no record has.
func (f *Folder) layLines(id string, records []record) (laid bool, err error) {
	file, err := os.OpenFile(f.ledger(id), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	at, err := lineAt(file, records[0].First)
	if err != nil || at < 0 {
		return false, err
	}
	var lines []byte
	for _, r := range records {
		lines = append(lines, r.lines...)
	}
	there := make([]byte, len(lines))
	if _, err := file.ReadAt(there, at); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if !bytes.Equal(there, lines) {
		if _, err = file.WriteAt(lines, at); err == nil {
			err = file.Truncate(at + int64(len(lines)))
		}
	}
	if err == nil {
		err = f.disk().Sync(file)
	}
	if err == nil {
		err = blob.SyncDir(f.disk(), f.path(ledgerDir))
	}
	return err == nil, err
}

// lineAt is where line number n of a ledger begins; -1 where it has not so many lines before it.
func lineAt(file io.Reader, n int) (at int64, err error) {
	in := wholeLines(file)
	for range n {
		line, err := in.next()
		if err != nil {
			return -1, err
		}
		if line == nil {
			return -1, nil
		}
	}
	return in.whole, nil
}

// putBlobs has the store hold what a checkpoint names and records have. What is in none of them was
// on the disk before; whoever goes on from the checkpoint looks whether it is.
func (f *Folder) putBlobs(c Checkpoint, records []record) (err error) {
	blobs, err := blob.Open(f.BlobDir())
	if err != nil {
		return err
	}
	blobs.On(f.disk())
	defer func() { err = errors.Join(err, blobs.Close()) }()
	names := c.Machine.Names()
	for _, r := range records {
		for _, b := range r.Blobs {
			if !slices.Contains(names, b.Name) {
				continue
			}
			is, err := blobs.PutBytes(r.blobs[b.Name])
			if err != nil {
				return err
			}
			if is != b.Name {
				return fmt.Errorf("%w: blob %.12s… has other bytes", ErrMismatch, b.Name)
			}
		}
	}
	return blobs.Settle(slices.DeleteFunc(names, func(b method.Blob) bool { return !blobs.Has(b) }))
}
