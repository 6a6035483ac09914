//go:build linux || darwin

package main

import (
	"os"
	"syscall"
)

// freeBytes is the room that is left to this user on the disk of a folder; known is false
// where the system does not say.
func freeBytes(dir string) (free int64, known bool, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	return int64(s.Bavail) * int64(s.Bsize), true, nil //nolint:unconvert // the types differ between systems
}
