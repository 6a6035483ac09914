package results

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/plugins/blob"
)

// given are the files of a folder that no ledger could give back; made are those that
// [Run.Rewrite] and the report make again.
var (
	given = []string{scenarioFile, resolvedFile, planFile, participantsFile}
	made  = []string{metricsFile, trialsFile, reportFile}
)

// seal takes the hashes of all files beside the ledgers, which have their own, and the blobs,
// which are named by theirs.
func (m *Manifest) seal(dir string) (err error) {
	names := slices.Clone(given)
	for _, name := range made {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil { // else it has not been made
			names = append(names, name)
		}
	}
	for _, part := range []string{adapterDir, checkpointDir} {
		err := filepath.WalkDir(filepath.Join(dir, part), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			name, err := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return m.note(dir, names)
}

// note has the manifest know files of a run as they are.
func (m *Manifest) note(dir string, names []string) (err error) {
	for _, name := range names {
		if m.Files[name], err = blob.HashFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// Reseal has the manifest of a whole run know the files that were made again. Of a run that is not
// whole there is none.
func (r *Run) Reseal() error {
	if r.Manifest == nil {
		return nil
	}
	if r.Manifest.Files == nil {
		r.Manifest.Files = map[string]string{}
	}
	if err := r.Manifest.note(r.Dir, made); err != nil {
		return err
	}
	return r.Manifest.write(r.Dir)
}
