package results

import (
	"errors"
	"fmt"
	"os"
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
	var checkpoints []Checkpoint
	if checkpoints, s.Warnings, err = readCheckpoints(f.Dir, id); err != nil {
		return s, err
	}
	hashes, head, err := hashesOf(f.ledger(id))
	if err != nil {
		return s, fmt.Errorf("trial %s: %w", id, err)
	}
	s.Head = head
	var fit []Checkpoint
	for _, c := range checkpoints {
		if c.Lines <= len(hashes) && c.Lines > 0 && hashes[c.Lines-1] == c.Hash {
			fit = append(fit, c)
			continue
		}
		s.Warnings = append(s.Warnings, fmt.Sprintf("trial %s: its checkpoint %s is left out: it stands after line %d of a ledger that has %d, or had other lines", id, c.file(), c.Lines, len(hashes)))
	}
	if err := f.choose(&s, id, fit); err != nil {
		return s, err
	}
	if s.Done() && s.From.Lines != len(hashes) {
		return s, fmt.Errorf("trial %s: %w: %d lines follow its end", id, ledger.ErrBroken, len(hashes)-s.From.Lines)
	}
	return s, nil
}

// choose takes of checkpoints that the ledger agrees with, the oldest first, the newest whose blobs
// are there: after a power loss those of the last may not be. Where none has them all it is the
// newest, and whoever goes on says what is missing: not to lose a whole trial to a folder that was
// not copied.
func (f *Folder) choose(s *Standing, id string, fit []Checkpoint) (err error) {
	if len(fit) == 0 {
		return nil
	}
	s.From = &fit[len(fit)-1]
	if len(fit) == 1 || s.From.Machine.Ended { // nothing older, or nothing to go on with
		return nil
	}
	blobs, err := blob.Open(f.BlobDir())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	var without []string
	for i, c := range slices.Backward(fit) {
		names := c.Machine.Names()
		gone := slices.IndexFunc(names, func(b method.Blob) bool { return !blobs.Has(b) })
		if gone < 0 {
			s.From, s.Warnings = &fit[i], append(s.Warnings, without...)
			return nil
		}
		without = append(without, fmt.Sprintf("trial %s: its checkpoint %s is left out: it names blob %.12s…, which is not stored; the rounds since the one before it are done again, and compared", id, c.file(), names[gone]))
	}
	return nil
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
