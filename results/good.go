package results

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// makeGood has the files of a run that was cut off hold what its journal says that they held, and
// removes the journal. After a power failure a file may lack what was never asked to reach the
// disk, or have zeros there. What goes wrong on the way leaves the journal, and all can be done
// again.
func (f *Folder) makeGood(p Plan) error {
	path := f.path(journalFile)
	records, err := readJournal(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(records) > 0 {
		if err := f.replay(records); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for _, t := range p.Trials {
		if err := f.cutZeros(t.ID); err != nil {
			return err
		}
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
	if _, err := strconv.ParseUint(last.Trial, 10, 32); err != nil {
		return fmt.Errorf("%w: it is of a trial %q", ErrMismatch, last.Trial)
	}
	c, err := decodeCheckpoint(last.checkpoint)
	if err != nil {
		return err
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
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := writeFile(f.disk(), filepath.Join(dir, c.file()), last.checkpoint); err != nil {
		return err
	}
	if last.Replaces == "" {
		return nil
	}
	if err := os.Remove(filepath.Join(dir, filepath.Base(last.Replaces))); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// layLines has a ledger hold the lines of the records, each where it stood. What is there beyond
// them stays where all before it was there. laid is false where lines are missing that no record has.
func (f *Folder) layLines(id string, records []record) (laid bool, err error) {
	content, err := os.ReadFile(f.ledger(id))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	at := 0
	for range records[0].First {
		n := bytes.IndexByte(content[at:], '\n') + 1
		if n == 0 {
			return false, nil
		}
		at += n
	}
	var lines []byte
	for _, r := range records {
		lines = append(lines, r.lines...)
	}
	file, err := os.OpenFile(f.ledger(id), os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return false, err
	}
	if !bytes.HasPrefix(content[at:], lines) {
		if _, err = file.WriteAt(lines, int64(at)); err == nil {
			err = file.Truncate(int64(at + len(lines)))
		}
	}
	if err == nil {
		err = f.disk().Sync(file)
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = blob.SyncDir(f.disk(), f.path(ledgerDir))
	}
	return err == nil, err
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

// cutZeros cuts a ledger off where zeros stand in it, unless its trial has ended: the disk knew how
// long the file was, and not yet what was in it.
func (f *Folder) cutZeros(id string) error {
	if _, err := os.Stat(filepath.Join(checkpointPath(f.Dir, id), endFile)); err == nil {
		return nil
	}
	content, err := os.ReadFile(f.ledger(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	at := bytes.IndexByte(content, 0)
	if at < 0 {
		return nil
	}
	at = bytes.LastIndexByte(content[:at], '\n') + 1
	f.Warnings = append(f.Warnings, fmt.Sprintf("trial %s: its ledger has zeros after %d bytes, as a power failure leaves them; it is cut off there", id, at))
	return os.Truncate(f.ledger(id), int64(at))
}
