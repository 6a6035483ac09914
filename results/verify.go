package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/sim/ledger"
)

// ErrMismatch is wrapped by every error that means: this is not what was written, or not
// what the other run has.
var ErrMismatch = errors.New("mismatch")

// Checked is what [Verify] looked at and found right.
type Checked struct {
	Hash   string // of the run
	Trials int
	Lines  int
	Blobs  int // named by the last folds, and there with the right content

	Strangers []string // paths with slashes: what lies in the folder and is not part of the run
}

// Verify checks a whole run against itself: every line of every ledger against the chain,
// the ledgers and all other files against the manifest, all blobs against their names, and
// that what the trials held in the end is there. It returns
// all that it found wrong, each error wrapping [ErrMismatch]. That something else lies in the
// folder is not wrong, since no hash of the run depends on it, and is told.
func Verify(dir string) (Checked, error) {
	var c Checked
	m, err := readManifest(dir)
	if err != nil {
		return c, err
	}
	if m == nil {
		if !isRun(dir) {
			return c, fmt.Errorf("%w: %s has no %s", ErrNoRun, dir, planFile)
		}
		return c, fmt.Errorf("%w: %s has no %s: the run is not whole%s", ErrMismatch, dir, manifestFile, cureOf(dir))
	}
	if c.Strangers, err = m.strangers(dir); err != nil {
		return c, err
	}
	var wrong []error
	blame := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%w: %s", ErrMismatch, fmt.Sprintf(format, args...)))
	}
	for name, want := range m.Files {
		file := filepath.FromSlash(name)
		if !filepath.IsLocal(file) {
			blame("the manifest names %q, which is no file of the folder", name)
			continue
		}
		got, err := blob.HashFile(filepath.Join(dir, file))
		switch {
		case err != nil:
			blame("%v", err)
		case got != want:
			blame("%s has changed: its hash is %.12s…, the manifest says %.12s…", name, got, want)
		}
	}
	hashes := make([]string, len(m.Trials))
	for i, t := range m.Trials {
		lines, hash, err := checkBook(dir, t.ID)
		hashes[i] = hash
		switch {
		case err != nil:
			blame("trial %s: %v", t.ID, err)
		case hash != t.Hash || lines != t.Lines:
			blame("trial %s: %d lines with hash %.12s…; the manifest says %d with %.12s…", t.ID, lines, hash, t.Lines, t.Hash)
		}
		c.Trials++
		c.Lines += lines
	}
	c.Hash = ledger.RunHash(hashes)
	if c.Hash != m.Hash && len(wrong) == 0 {
		blame("the trials' hashes give the run hash %.12s…; the manifest says %.12s…", c.Hash, m.Hash)
	}
	if len(wrong) == 0 {
		c.Blobs, err = verifyBlobs(dir)
		if err != nil {
			blame("%v", err)
		}
	}
	return c, errors.Join(wrong...)
}

// verifyBlobs checks the store, and that it has what each trial's last fold holds.
func verifyBlobs(dir string) (n int, err error) {
	store, err := blob.Open(filepath.Join(dir, blobDir))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.Verify(); err != nil {
		return 0, err
	}
	r, err := Read(dir)
	if err != nil {
		return 0, err
	}
	for _, t := range r.Trials {
		if len(t.Folds) == 0 {
			continue
		}
		for _, b := range t.Folds[len(t.Folds)-1].Holds {
			if !store.Has(b) {
				return n, fmt.Errorf("trial %s holds blob %.12s… in the end, which is not in the store", t.ID, b)
			}
			n++
		}
	}
	return n, nil
}

// Difference is where two runs part.
type Difference struct {
	Trial string // ID and name
	Line  *ledger.Difference
	Why   string // where no line can be named
}

// Diff compares two runs trial by trial and returns the first difference, or nil.
func Diff(left, right string) (*Difference, error) {
	a, err := readPlan(left)
	if err != nil {
		return nil, runError(left, err)
	}
	b, err := readPlan(right)
	if err != nil {
		return nil, runError(right, err)
	}
	for i := range max(len(a.Trials), len(b.Trials)) {
		if i >= len(a.Trials) || i >= len(b.Trials) {
			return &Difference{Why: fmt.Sprintf("the first run has %d trials, the second %d", len(a.Trials), len(b.Trials))}, nil
		}
		x, y := a.Trials[i], b.Trials[i]
		l, err := wholeBook(left, x.ID)
		if err != nil {
			return nil, err
		}
		r, err := wholeBook(right, y.ID)
		if err != nil {
			return nil, err
		}
		if d := ledger.Diff(l, r); d != nil {
			return &Difference{Trial: x.ID + " " + x.Name, Line: d}, nil
		}
	}
	return nil, nil
}

func runError(dir string, err error) error {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%w: %s has no %s", ErrNoRun, dir, planFile)
	}
	return err
}

func wholeBook(dir, id string) ([]ledger.Line, error) {
	file, err := os.Open(ledgerPath(dir, id))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	lines, err := ledger.Whole(file)
	if err != nil {
		return nil, fmt.Errorf("%s: trial %s: %w%s", dir, id, err, cureOf(dir))
	}
	return lines, nil
}

// cureOf is what can be done about a run that is not whole; "" where it is.
func cureOf(dir string) string {
	switch state, err := StateOf(dir); {
	case err == nil && state == Running:
		return "; it is running, and \"simrun watch " + dir + "\" shows how far it is"
	case err == nil && state == Interrupted:
		return "; it was interrupted, and \"" + ResumeCommand(dir) + "\" goes on with it"
	}
	return ""
}
