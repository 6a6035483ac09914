package results

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/loramesh/loramesh/plugins/blob"
)

// WriteFile writes a file so that a reader, or a crash, sees either nothing, the old
// content, or all of the new: the bytes go to a neighbour, reach the disk, and take the
// name by rename.
func WriteFile(path string, content []byte) error { return writeFile(blob.System(), path, content) }

func writeFile(disk blob.Disk, path string, content []byte) error {
	dir, name := filepath.Split(path)
	tmp, err := os.CreateTemp(dir, "."+name+".*")
	if err != nil {
		return err
	}
	err = become(disk, tmp, content)
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		if gone := os.Remove(tmp.Name()); !errors.Is(gone, os.ErrNotExist) { // with its folder, or by its new name
			err = errors.Join(err, gone)
		}
		return err
	}
	return blob.SyncDir(disk, dir)
}

// makeDir makes a folder, if it is not there, and brings its name to the disk: what is in it has none else.
func makeDir(disk blob.Disk, dir string) error {
	err := os.Mkdir(dir, 0o755)
	if err == nil {
		err = blob.SyncDir(disk, filepath.Dir(dir))
	}
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}

// writeOver brings a content to the disk by way of a file whose content nobody needs.
func writeOver(disk blob.Disk, path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	return become(disk, f, content)
}

// takeName gives a file that is on the disk a name in its folder, for good.
func takeName(disk blob.Disk, from, path string) error {
	if err := os.Rename(from, path); err != nil {
		return err
	}
	return blob.SyncDir(disk, filepath.Dir(path))
}

// become has an open file take a content, bring it to the disk, and be closed. What it held before
// is written over: to let go of room on the disk and find as much again takes the system longer.
func become(disk blob.Disk, f *os.File, content []byte) error {
	was, err := f.Stat()
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil && was.Size() > int64(len(content)) {
		err = f.Truncate(int64(len(content)))
	}
	if err == nil && was.Mode().Perm() != 0o644 {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = disk.Sync(f)
	}
	return errors.Join(err, f.Close())
}
