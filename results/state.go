package results

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/loramesh/loramesh/plugins/blob/owner"
	"github.com/loramesh/loramesh/sim/ledger"
)

// State says how far a run folder is.
type State string

// The states of a run.
const (
	Whole       State = "whole"
	Running     State = "running" // by a process of this machine
	Interrupted State = "interrupted"
)

// StateOf tells a run that is under way from one that was interrupted by its lock, which
// goes with the process that has it.
func StateOf(dir string) (State, error) {
	if _, err := os.Stat(filepath.Join(dir, manifestFile)); err == nil {
		return Whole, nil
	}
	if gone, err := owner.Gone(dir); err != nil || !gone && owner.Tells {
		return Running, err
	}
	return Interrupted, nil
}

// Entry is one run folder in a list.
type Entry struct {
	Dir     string    `json:"dir"`
	Name    string    `json:"name"`
	State   State     `json:"state"`
	Done    int       `json:"trials_done"`
	Trials  int       `json:"trials"`
	Hash    string    `json:"hash,omitempty"` // of a whole run
	Bytes   int64     `json:"bytes"`          // on disk
	Changed time.Time `json:"changed"`
	Fork    string    `json:"fork_of,omitempty"` // folder, as it was named
}

// List describes the run folders right under a folder, the newest first. What cannot be read
// is told, and does not hide the others.
func List(root string) (all []Entry, unread []error, err error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		if !isRun(dir) { // it may be a link to one
			continue
		}
		one, err := Describe(dir)
		if err != nil {
			unread = append(unread, err)
			continue
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return b.Changed.Compare(a.Changed) })
	return all, unread, nil
}

// Describe tells of one run folder.
func Describe(dir string) (e Entry, err error) {
	p, err := ReadPlan(dir)
	switch {
	case errors.Is(err, ErrNoRun) && isRun(dir): // it was killed before there was a plan
		p.Name = "–"
	case err != nil:
		return e, err
	}
	e = Entry{Dir: dir, Name: p.Name, Trials: len(p.Trials)}
	if p.Fork != nil {
		e.Fork = p.Fork.Run
	}
	if e.State, err = StateOf(dir); err != nil {
		return e, err
	}
	m, err := readManifest(dir)
	if err != nil {
		return e, err
	}
	if m != nil {
		e.Hash = m.Hash
	}
	for _, t := range p.Trials {
		if ends(ledgerPath(dir, t.ID)) {
			e.Done++
		}
	}
	e.Bytes, e.Changed, err = Written(dir)
	return e, err
}

// Written is what lies in a run folder, and when it was changed last.
func Written(dir string) (bytes int64, last time.Time, err error) {
	err = fs.WalkDir(os.DirFS(dir), ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreGone(err)
		}
		info, err := d.Info()
		if err != nil {
			return ignoreGone(err)
		}
		bytes += info.Size()
		if info.ModTime().After(last) {
			last = info.ModTime()
		}
		return nil
	})
	return bytes, last, err
}

// ignoreGone lets files go while they are counted: the run may be running.
func ignoreGone(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// ends says whether the last line of a ledger is that of its end; the chain is not checked.
func ends(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	tail := make([]byte, 4096)
	info, err := file.Stat()
	if err != nil {
		return false
	}
	n, _ := file.ReadAt(tail, max(0, info.Size()-int64(len(tail))))
	return ledger.EndsWith(tail[:n], ledger.KindEnd)
}

// Remove takes a run folder away. One that is running is refused, with an error that wraps
// [ErrPlace], unless force is given; a link to one, or what is no run folder, always is.
func Remove(dir string, force bool) error {
	if !isRun(dir) {
		return runError(dir, os.ErrNotExist)
	}
	if to, err := os.Readlink(filepath.Clean(dir)); err == nil { // to remove it would leave the run, and free nothing
		return &placeError{dir + " is a link to " + to + "; remove that"}
	}
	if force {
		return os.RemoveAll(dir)
	}
	release, err := Lock(dir) // until it is gone: nobody goes on with it meanwhile
	if errors.Is(err, ErrLocked) {
		return &placeError{dir + " is running; stop it first, or use --force"}
	}
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), release())
}

type placeError struct{ text string }

func (e *placeError) Error() string { return e.text }

// Unwrap makes it an [ErrPlace].
func (e *placeError) Unwrap() error { return ErrPlace }
