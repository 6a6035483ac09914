package results

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Standing is how far a trial of an interrupted run has come.
type Standing struct {
	Head     *ledger.Trial // first line of its ledger; nil: it has none
	From     *Checkpoint   // newest that its ledger agrees with, and whose blobs are there; nil: its start
	Warnings []string
}

// Done says whether the trial has ended.
func (s Standing) Done() bool { return s.From != nil && s.From.Machine.Ended }

// Standing reads the ledger and the checkpoints of trial number i, and mends nothing.
func (f *Folder) Standing(i int) (s Standing, err error) {
	id := TrialID(i)
	hashes, head, err := hashesOf(f.ledger(id))
	if err != nil {
		return s, fmt.Errorf("trial %s: %w", id, err)
	}
	s.Head = head
	fit, warnings, err := agreeing(f.Dir, id, hashes)
	s.Warnings = warnings
	if err != nil || len(fit) == 0 {
		return s, err
	}
	s.From = &fit[len(fit)-1]
	if len(fit) > 1 && !s.From.Machine.Ended { // else there is nothing older, or nothing to go on with
		at, without, err := firstStored(f.Dir, id, slices.Backward(fit))
		if err != nil {
			return s, err
		}
		if at >= 0 { // else the newest stays, and whoever goes on says what is missing: not to lose a whole trial to a folder that was not copied
			s.From, s.Warnings = &fit[at], append(s.Warnings, without...)
		}
	}
	if s.Done() && s.From.Lines != len(hashes) {
		return s, fmt.Errorf("trial %s: %w: %d lines follow its end", id, ledger.ErrBroken, len(hashes)-s.From.Lines)
	}
	return s, nil
}

// agreeing are the checkpoints of a trial that its ledger agrees with, of which these are the
// running hashes: the oldest first. The others are told of.
func agreeing(dir, id string, hashes []string) (fit []Checkpoint, warnings []string, err error) {
	all, warnings, err := readCheckpoints(dir, id)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range all {
		if c.Lines <= len(hashes) && c.Lines > 0 && hashes[c.Lines-1] == c.Hash {
			fit = append(fit, c)
			continue
		}
		warnings = append(warnings, fmt.Sprintf("trial %s: its checkpoint %s is left out: it stands after line %d of a ledger that has %d, or had other lines", id, c.file(), c.Lines, len(hashes)))
	}
	return fit, warnings, nil
}

// firstStored finds the first of checkpoints whose blobs are all there: after a power loss those of
// the last may not be. It is -1 where none has them all; those that are passed over are told of.
func firstStored(dir, id string, all iter.Seq2[int, Checkpoint]) (at int, without []string, err error) {
	blobs, err := blob.Open(filepath.Join(dir, blobDir))
	if err != nil {
		return -1, nil, err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	for i, c := range all {
		names := c.Machine.Names()
		gone := slices.IndexFunc(names, func(b method.Blob) bool { return !blobs.Has(b) })
		if gone < 0 {
			return i, without, nil
		}
		without = append(without, fmt.Sprintf("trial %s: its checkpoint %s is left out: it names blob %.12s…, which is not stored; the rounds since the one before it are done again, and compared", id, c.file(), names[gone]))
	}
	return -1, without, nil
}

// hashesOf are the running hashes of the whole lines of a ledger, and its first line.
func hashesOf(path string) (hashes []string, head *ledger.Trial, err error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	for l, err := range ledger.Read(wholeLines(file)) {
		if err != nil {
			return nil, nil, err
		}
		if is, ok := l.Is.(ledger.Trial); ok && l.N == 0 {
			head = &is
		}
		hashes = append(hashes, l.Hash)
	}
	return hashes, head, nil
}
