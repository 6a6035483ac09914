package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/sim/ledger"
)

// Reopen takes a run folder that is not whole, to go on with it. A folder that is whole, or
// that another process has, is refused with an error that wraps [ErrPlace]; one whose scenario
// was changed, with one that wraps [ErrMismatch].
func Reopen(dir string) (*Folder, Plan, error) {
	plan, err := readPlan(dir)
	if err != nil {
		return nil, plan, runError(dir, err)
	}
	m, err := readManifest(dir)
	if err != nil {
		return nil, plan, err
	}
	if m != nil {
		return nil, plan, fmt.Errorf("%w: the run in %s is whole; there is nothing to go on with", ErrPlace, dir)
	}
	if err := plan.same(dir); err != nil {
		return nil, plan, err
	}
	f := &Folder{Dir: dir}
	if f.release, err = Lock(dir); err != nil {
		if errors.Is(err, ErrLocked) {
			return nil, plan, fmt.Errorf("%w: another simrun is running in %s; \"simrun watch %s\" shows how far it is", ErrPlace, dir, dir)
		}
		return nil, plan, err
	}
	return f, plan, f.mark() // which the end may have taken away already
}

// Standing is how far a trial of an interrupted run has come.
type Standing struct {
	Head     *ledger.Trial // first line of its ledger; nil: it has none
	From     *Checkpoint   // newest that its ledger agrees with; nil: its start
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
	for _, c := range slices.Backward(checkpoints) {
		if c.Lines <= len(hashes) && c.Lines > 0 && hashes[c.Lines-1] == c.Hash {
			s.From = &c
			break
		}
		s.Warnings = append(s.Warnings, fmt.Sprintf("trial %s: its checkpoint %s is left out: it stands after line %d of a ledger that has %d, or had other lines", id, c.file(), c.Lines, len(hashes)))
	}
	if s.Done() && s.From.Lines != len(hashes) {
		return s, fmt.Errorf("trial %s: %w: %d lines follow its end", id, ledger.ErrBroken, len(hashes)-s.From.Lines)
	}
	return s, nil
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

// Ledger reads the whole lines of trial number i, its chain checked.
func Ledger(dir string, i int) (lines []ledger.Line, err error) {
	file, err := os.Open(ledgerPath(dir, TrialID(i)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	for l, err := range ledger.Read(wholeLines(file)) {
		if err != nil {
			return nil, fmt.Errorf("trial %s: %w", TrialID(i), err)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// At is the checkpoint of trial number i at a round or the nearest before it, of those that
// agree with its lines; nil where its start is nearer.
func At(dir string, i, round int, lines []ledger.Line) (*Checkpoint, error) {
	all, _, err := readCheckpoints(dir, TrialID(i))
	if err != nil {
		return nil, err
	}
	for _, c := range slices.Backward(all) {
		if !c.Machine.Ended && c.Machine.Round <= round && c.Lines > 0 && c.Lines <= len(lines) && lines[c.Lines-1].Hash == c.Hash {
			return &c, nil
		}
	}
	return nil, nil
}

// Begin writes what a trial that goes on with another begins with: the ledger up to the
// checkpoint, under a head of its own, and the checkpoint.
func (f *Folder) Begin(i int, head ledger.Trial, lines []ledger.Line, at Checkpoint) (err error) {
	b, _, err := f.Book(i, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := b.Write(head); err != nil {
		return err
	}
	for _, l := range lines[1:at.Lines] {
		if err := b.Write(l.Is); err != nil {
			return err
		}
	}
	at.Hash, at.WallSec = b.Hash(), 0
	content, err := at.encode()
	if err != nil {
		return err
	}
	dir := checkpointPath(f.Dir, TrialID(i))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return WriteFile(filepath.Join(dir, at.file()), content)
}
