package blob

import "os"

// Disk is who has what was written reach the disk, so that it is there after a power failure. A test
// gives one that remembers what is there by then, and what is not.
type Disk interface {
	// Sync is of all of a file, or of the names in a folder.
	Sync(*os.File) error
	// SyncBytes is of a file that was on the disk before, and is as long as it was then: only its
	// bytes are others.
	SyncBytes(*os.File) error
}

// SyncDir makes the names in a folder durable; a file's own sync does not.
func SyncDir(disk Disk, dir string) error {
	if dir == "" {
		dir = "."
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return disk.Sync(d)
}

// System is the disk that the system has.
func System() Disk { return system{} }

type system struct{}

func (system) Sync(f *os.File) error { return f.Sync() }

// On has a store ask another disk than the system's, from now on. It is called before all else.
func (s *Store) On(d Disk) { s.disk = d }
