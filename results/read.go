package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Run is a run folder as it was read.
type Run struct {
	Dir          string
	Plan         Plan
	Manifest     *Manifest // nil: the run is not whole
	Resolved     []byte
	Trials       []*Trial // those whose ledgers have ended, in plan order
	Unread       []error  // why the other trials are not in Trials; none where the run is whole
	Participants []Participant
}

// ErrNoRun says that a folder is no run folder.
var ErrNoRun = errors.New("no run folder")

// Read reads a run folder and checks the chain of every ledger on the way. A folder whose
// run did not finish can be read too: Manifest is nil, and Trials holds those that ended.
func Read(dir string) (*Run, error) {
	if _, err := os.Stat(filepath.Join(dir, planFile)); err != nil {
		return nil, fmt.Errorf("%w: %s has no %s", ErrNoRun, dir, planFile)
	}
	r := &Run{Dir: dir}
	var err error
	if r.Plan, err = readPlan(dir); err != nil {
		return nil, err
	}
	if r.Manifest, err = readManifest(dir); err != nil {
		return nil, err
	}
	if r.Resolved, err = os.ReadFile(filepath.Join(dir, resolvedFile)); err != nil {
		return nil, err
	}
	for _, p := range r.Plan.Trials {
		t, err := ReadTrial(dir, p.ID)
		if err != nil {
			if r.Manifest != nil {
				return nil, err
			}
			r.Unread = append(r.Unread, err)
			continue
		}
		r.Trials = append(r.Trials, t)
	}
	r.Participants, err = readParticipants(dir)
	return r, err
}

// ReportPath is where the page of the run lies.
func (r *Run) ReportPath() string { return filepath.Join(r.Dir, reportFile) }

// AdapterDir is where the adapters of the run's trials lie, if it wrote any.
func (r *Run) AdapterDir() string { return filepath.Join(r.Dir, adapterDir) }
