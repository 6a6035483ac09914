package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/sim/ledger"
)

// layout is the version of the folder's layout, raised when a reader of the old one would
// misread the new. Folders of all layouts up to this one can be read: 2 came with
// checkpoints, and says in the plan how the run was asked for.
const layout = 2

// Manifest closes a run folder: what the run was, on what it was made, and the hashes that
// the rest of the folder must agree with. Where and how fast a run was made stands here
// and nowhere else, so that the ledgers of two hosts can be equal.
type Manifest struct {
	Layout   int               `json:"layout"`
	Name     string            `json:"name"`
	Hash     string            `json:"hash"` // of the run: over its trials' hashes, in plan order
	Plan     string            `json:"plan"` // hash of the plan
	Trials   []ManifestTrial   `json:"trials"`
	Files    map[string]string `json:"files"` // SHA-256 of all that lies beside ledgers and blobs, by paths with slashes
	Made     Made              `json:"made"`
	Streams  []string          `json:"streams,omitempty"`  // of tasks: how many, and what comes with them
	Warnings []string          `json:"warnings,omitempty"` // of the host; those of trials are in the ledgers
}

// ManifestTrial is one trial: its ledger's hash and length, and the wall time it took.
type ManifestTrial struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Hash    string  `json:"hash"`
	Lines   int     `json:"lines"`
	WallSec float64 `json:"wall_seconds"`
}

// Made says how and on what a run was made.
type Made struct {
	Command  string    `json:"command"`
	Simrun   string    `json:"simrun"` // version
	Go       string    `json:"go"`
	OS       string    `json:"os"`
	Arch     string    `json:"arch"`
	CPU      string    `json:"cpu,omitempty"`
	CPUs     int       `json:"cpus"`
	Contract string    `json:"contract"` // of the numbers
	Engine   string    `json:"engine"`
	Slots    int       `json:"slots"`
	Plugins  string    `json:"plugins"` // "process" or "in-process"
	Started  time.Time `json:"started"`
	WallSec  float64   `json:"wall_seconds"`
	Resumed  bool      `json:"resumed,omitempty"`       // it was interrupted on the way: WallSec has the trials' time, and this process's
	SavedSec float64   `json:"saved_seconds,omitempty"` // wall that this process stood still for checkpoints
	DiskSec  float64   `json:"disk_seconds,omitempty"`  // wall that the disk worked on them beside it
}

// Manifest completes what is known of a run with the hashes of its ledgers and files as
// they lie on disk. Nothing is written: see [Folder.Finish]. wall is the time each trial
// took, in plan order.
func (f *Folder) Manifest(made Made, wall []time.Duration, warnings []string) (*Manifest, error) {
	plan, err := readPlan(f.Dir)
	if err != nil {
		return nil, err
	}
	m := &Manifest{Layout: layout, Name: plan.Name, Plan: plan.Hash, Made: made, Warnings: warnings, Files: map[string]string{}}
	hashes := make([]string, len(plan.Trials))
	for i, t := range plan.Trials {
		lines, hash, err := checkBook(f.Dir, t.ID)
		if err != nil {
			return nil, fmt.Errorf("trial %s: %w", t.ID, err)
		}
		hashes[i] = hash
		m.Trials = append(m.Trials, ManifestTrial{ID: t.ID, Name: t.Name, Hash: hash, Lines: lines, WallSec: wall[i].Seconds()})
	}
	m.Hash = ledger.RunHash(hashes)
	return m, nil
}

// Finish makes the folder whole, after everything else has been written: the INCOMPLETE
// mark goes, and the manifest is written last, with the hashes of all files.
func (f *Folder) Finish(m *Manifest) error {
	if err := m.seal(f.Dir); err != nil {
		return err
	}
	if err := blob.SyncDir(f.disk(), f.path(blobDir)); err != nil {
		return err
	}
	if err := os.Remove(f.path(incompleteFile)); err != nil {
		return err
	}
	return m.write(f.Dir)
}

func (m *Manifest) write(dir string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(filepath.Join(dir, manifestFile), append(b, '\n'))
}

// readManifest returns nil where the folder has none: the run is not whole.
func readManifest(dir string) (*Manifest, error) {
	b, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("%w: %s is damaged: %v", ErrMismatch, filepath.Join(dir, manifestFile), err)
	}
	if m.Layout < 1 || m.Layout > layout {
		return nil, fmt.Errorf("%w that this version reads: %s has layout %d, expected is 1 to %d", ErrNoRun, dir, m.Layout, layout)
	}
	for i, t := range m.Trials {
		if err := checkID(dir, manifestFile, i, t.ID); err != nil {
			return nil, err
		}
	}
	return &m, nil
}

// checkBook reads a ledger through, checking its chain, and returns its length and hash.
func checkBook(dir, id string) (lines int, hash string, err error) {
	file, err := os.Open(ledgerPath(dir, id))
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = file.Close() }()
	kind := ""
	for l, err := range ledger.Read(file) {
		if err != nil {
			return 0, "", err
		}
		lines, hash, kind = lines+1, l.Hash, l.Kind
	}
	if kind != ledger.KindEnd {
		return 0, "", fmt.Errorf("%w: it has no %q line; the trial did not finish", ledger.ErrBroken, ledger.KindEnd)
	}
	return lines, hash, nil
}

func ledgerPath(dir, id string) string { return filepath.Join(dir, ledgerDir, id+".jsonl") }
