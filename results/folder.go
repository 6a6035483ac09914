package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/blob"
)

// The names in a run folder.
const (
	scenarioFile     = "scenario.yaml"
	resolvedFile     = "resolved.yaml"
	planFile         = "plan.json"
	ledgerDir        = "ledger"
	blobDir          = "blobs"
	checkpointDir    = "checkpoints"
	adapterDir       = "adapters"
	spoolDir         = "spool"
	participantsFile = "participants.csv"
	metricsFile      = "metrics.csv"
	trialsFile       = "trials.csv"
	reportFile       = "report.html"
	manifestFile     = "manifest.json"
	incompleteFile   = "INCOMPLETE"
	journalFile      = "journal"
)

// ErrPlace says that a run cannot be put where the user wants it.
var ErrPlace = errors.New("no place for the run")

// Contents is what is known before the first trial begins.
type Contents struct {
	Scenario []byte // as the user wrote it
	Resolved []byte
	Plan     Plan
	Flags    []string            // with which the run is gone on with, if it does not end
	Prepare  func(*Folder) error // fills it before it counts as a run; nil: nothing is to be filled
}

// Folder is a run folder in the making. It is not whole until [Folder.Finish].
type Folder struct {
	Dir      string
	Disk     blob.Disk    // what its run writes reaches; nil: the system's
	Warnings []string     // of what was made good of it
	flags    []string     // with which it is gone on with
	release  func() error // of the lock
}

func (f *Folder) disk() blob.Disk {
	if f.Disk == nil {
		return blob.System()
	}
	return f.Disk
}

// Release lets others have the folder.
func (f *Folder) Release() error {
	if f.release == nil {
		return nil
	}
	release := f.release
	f.release = nil
	return release()
}

// DefaultDir is where a run goes when the user does not say: NAME-PLANHASH under root.
func DefaultDir(root string, p Plan) string {
	return filepath.Join(root, p.Name+"-"+p.Hash[:min(8, len(p.Hash))])
}

// Create makes a run folder at dir. Where a run lies there already, whole or not, the new
// one goes beside it: DIR-2, DIR-3, and so on; nothing is ever overwritten. A folder that
// holds other things is refused with an error that wraps [ErrPlace].
func Create(dir string, c Contents) (*Folder, error) {
	dir, release, err := claim(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{Dir: dir, flags: c.Flags, release: release}
	if err := errors.Join(f.sweep(), f.mark()); err != nil {
		return nil, err
	}
	for _, sub := range []string{ledgerDir, blobDir, checkpointDir} {
		if err := os.Mkdir(f.path(sub), 0o755); err != nil {
			return nil, err
		}
	}
	if err := WriteFile(f.path(scenarioFile), c.Scenario); err != nil {
		return nil, err
	}
	if err := WriteFile(f.path(resolvedFile), c.Resolved); err != nil {
		return nil, err
	}
	if c.Prepare != nil {
		if err := c.Prepare(f); err != nil {
			return nil, errors.Join(err, f.Release(), os.RemoveAll(dir))
		}
	}
	c.Plan.Scenario = string(blob.Name(c.Scenario))
	return f, writePlan(dir, c.Plan)
}

// mark says that the run is not whole, and how to go on.
func (f *Folder) mark() error {
	text := "This run is not complete. What is here cannot be trusted to be whole.\nTo go on with it:\n\n  " + ResumeCommand(f.Dir, f.flags...) + "\n"
	return WriteFile(f.path(incompleteFile), []byte(text))
}

// ResumeCommand is the command line that goes on with a run that was interrupted.
func ResumeCommand(dir string, flags ...string) string {
	return strings.Join(append([]string{"simrun resume", dir}, flags...), " ")
}

// claim takes the first free name among dir, dir-2, dir-3 … by making the folder and locking it,
// so that two runs that start together cannot end up in one.
func claim(dir string) (name string, release func() error, err error) {
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", nil, fmt.Errorf("%w: %v", ErrPlace, err)
	}
	for n := 1; ; n++ {
		name := numbered(dir, n)
		err := os.Mkdir(name, 0o755)
		if err != nil && !errors.Is(err, os.ErrExist) {
			return "", nil, fmt.Errorf("%w: %v", ErrPlace, err)
		}
		made := err == nil
		release, err := Lock(name)
		if errors.Is(err, ErrLocked) {
			continue // a run goes on there, or begins
		}
		if err != nil {
			return "", nil, fmt.Errorf("%w: %v", ErrPlace, err)
		}
		free, err := isFree(name)
		if err == nil && made {
			err = blob.SyncDir(blob.System(), filepath.Dir(name))
		}
		if err == nil && free {
			return name, release, nil
		}
		if err = errors.Join(err, release()); err != nil {
			return "", nil, err
		}
	}
}

// isFree says whether nothing is in a folder; what is no run there is an error.
func isFree(name string) (bool, error) {
	entries, err := os.ReadDir(name)
	switch {
	case err != nil:
		return false, fmt.Errorf("%w: %s is there and is no folder; give --out another name", ErrPlace, name)
	case !slices.ContainsFunc(entries, func(e os.DirEntry) bool { of, torn := Torn(e.Name()); return !torn || of != incompleteFile }):
		return true, nil // or a run was killed there before it had begun
	case !isRun(name):
		return false, fmt.Errorf("%w: %s holds other things; give --out a new name or an empty folder", ErrPlace, name)
	}
	return false, nil
}

// Newest is the last of DIR, DIR-2, DIR-3 …, as [Create] names runs; "" where not even DIR is
// there.
func Newest(dir string) (last string) {
	for n := 1; ; n++ {
		name := numbered(dir, n)
		if _, err := os.Stat(name); err != nil {
			return last
		}
		last = name
	}
}

// numbered is the n-th name of runs that would lie in one place: DIR, DIR-2, DIR-3 …
func numbered(dir string, n int) string {
	if n == 1 {
		return dir
	}
	return fmt.Sprintf("%s-%d", dir, n)
}

// isRun says whether a folder is a run folder, whole or not.
func isRun(dir string) bool {
	for _, name := range []string{manifestFile, incompleteFile, planFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// SpoolDir is where blobs lie that workers of other processes have sent to a run in dir, and that it
// has not taken yet.
func SpoolDir(dir string) string { return filepath.Join(dir, spoolDir) }

// BlobDir is where the blobs of the run go.
func (f *Folder) BlobDir() string { return f.path(blobDir) }

// WriteAdapter writes one file of an exported adapter, under adapters/NAME/.
func (f *Folder) WriteAdapter(name, file string, content []byte) error {
	dir := filepath.Join(f.path(adapterDir), slug(name))
	if err := errors.Join(makeDir(f.disk(), f.path(adapterDir)), makeDir(f.disk(), dir)); err != nil {
		return err
	}
	return writeFile(f.disk(), filepath.Join(dir, file), content)
}

func (f *Folder) path(name string) string { return filepath.Join(f.Dir, name) }

// MaxSlug is how long the name of a file may become that is made of a label: what `vary` lays over a
// scenario may be long texts, and file systems take names of 255 bytes.
const MaxSlug = 200

// slug makes a file name of a label: letters, digits, dots and dashes, as many as fit.
func slug(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	name := strings.Trim(b.String(), "-.")
	return strings.TrimRight(name[:min(len(name), MaxSlug)], "-.")
}
