package results

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/loramesh/loramesh/plugins/blob"
)

// strangers lists, by paths with slashes, what lies in the folder of a whole run and is not part of
// it: no ledger of a trial, no file that the manifest names, nothing of the store. A folder that is
// none of the run's is named without what is in it. What a process that was killed has left over is
// no stranger.
func (m *Manifest) strangers(dir string) (all []string, err error) {
	files, folders := m.parts()
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == blobDir:
			strange, err := blob.Strangers(filepath.Join(dir, blobDir))
			for _, s := range strange {
				all = append(all, path.Join(name, s))
			}
			return skip(d, err)
		case name == spoolDir, name == adapterDir && m.Layout == 1: // of which that manifest says nothing
			return skip(d, nil)
		case d.IsDir() && folders[name], !d.IsDir() && (files[name] || leftOver(name, files)):
			return nil
		case d.IsDir():
			name += "/"
		}
		all = append(all, name)
		return skip(d, nil)
	})
	return all, err
}

// skip goes on behind a folder.
func skip(d fs.DirEntry, err error) error {
	if err == nil && d.IsDir() {
		return fs.SkipDir
	}
	return err
}

// parts are the files of a whole run beside its blobs, and the folders that they lie in.
func (m *Manifest) parts() (files, folders map[string]bool) {
	files = map[string]bool{manifestFile: true}
	folders = map[string]bool{".": true, ledgerDir: true, checkpointDir: true}
	for _, t := range m.Trials {
		files[path.Join(ledgerDir, t.ID+".jsonl")] = true
		folders[path.Join(checkpointDir, t.ID)] = true
	}
	for _, name := range made { // which an older manifest did not name
		files[name] = true
	}
	for name := range m.Files {
		files[name] = true
	}
	for name := range files {
		for folder := path.Dir(name); !folders[folder]; folder = path.Dir(folder) {
			folders[folder] = true
		}
	}
	return files, folders
}
