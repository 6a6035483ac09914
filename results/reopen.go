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
// was changed, with one that wraps [ErrMismatch]. flags are those of [Contents].
func Reopen(dir string, flags ...string) (*Folder, Plan, error) {
	plan, err := readPlan(dir)
	if err != nil {
		return nil, plan, runError(dir, err)
	}
	f := &Folder{Dir: dir, flags: flags}
	if f.release, err = Own(dir); err != nil {
		return nil, plan, err
	}
	if err := f.again(plan); err != nil {
		return nil, plan, errors.Join(err, f.Release())
	}
	return f, plan, nil
}

// again has a folder that nobody else has be as it was when its newest checkpoint was made. Whether it is whole
// is looked at now: somebody may have ended the run before.
func (f *Folder) again(plan Plan) error {
	m, err := readManifest(f.Dir)
	if err != nil {
		return err
	}
	if m != nil {
		return &placeError{"the run in " + f.Dir + " is whole; there is nothing to go on with"}
	}
	if err := plan.same(f.Dir); err != nil {
		return err
	}
	// What workers had sent to the process that was killed, and it had not taken: the work is lent again.
	if err := errors.Join(f.makeGood(plan), f.sweep(), os.RemoveAll(SpoolDir(f.Dir))); err != nil {
		return err
	}
	return f.mark() // which the end may have taken away already
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

// Origin is where the work of a trial is begun again that is to come to a round.
type Origin struct {
	From     *Checkpoint // nil: its start
	Later    int         // where From is nil: the round of the oldest checkpoint that could be gone on from; -1: none could
	Warnings []string    // of checkpoints that are left out
}

// At is the origin of trial number i for a round: the checkpoint there or the nearest before it, of
// those that agree with its lines and whose blobs are there.
func At(dir string, i, round int, lines []ledger.Line) (o Origin, err error) {
	hashes, id := make([]string, len(lines)), TrialID(i)
	for n, l := range lines {
		hashes[n] = l.Hash
	}
	fit, warnings, err := agreeing(dir, id, hashes)
	o = Origin{Later: -1, Warnings: warnings}
	if err != nil {
		return o, err
	}
	fit = slices.DeleteFunc(fit, func(c Checkpoint) bool { return c.Machine.Ended })
	after := slices.IndexFunc(fit, func(c Checkpoint) bool { return c.Machine.Round > round })
	if after < 0 {
		after = len(fit)
	}
	at, without, err := firstStored(dir, id, slices.Backward(fit[:after]))
	if o.Warnings = append(o.Warnings, without...); err != nil {
		return o, err
	}
	if at >= 0 {
		o.From = &fit[at]
	}
	if o.From == nil || o.From.Machine.Round < round {
		o.Warnings = append(o.Warnings, newerInJournal(dir)...)
	}
	if o.From != nil {
		return o, nil
	}
	later := fit[after:]
	if at, _, err = firstStored(dir, id, slices.All(later)); at >= 0 {
		o.Later = later[at].Machine.Round
	}
	return o, err
}

// newerInJournal warns that a run that was killed, or is at work, has checkpoints that are no files yet.
func newerInJournal(dir string) []string {
	if _, err := os.Stat(filepath.Join(dir, journalFile)); err != nil {
		return nil
	}
	return []string{fmt.Sprintf("%s has a journal, whose checkpoint may be a newer one: \"simrun resume %s\" goes on from there, and makes a file of it", dir, dir)}
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
	if err := makeDir(f.disk(), dir); err != nil {
		return err
	}
	return writeFile(f.disk(), filepath.Join(dir, at.file()), content)
}
