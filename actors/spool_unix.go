//go:build unix

package actors

import (
	"errors"
	"os"
	"syscall"
)

// claim takes a file for this process. The system takes it back when the process is gone,
// however it went.
func claim(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return &os.PathError{Op: "flock", Path: f.Name(), Err: err}
	}
	return nil
}

// abandoned says whether whoever claimed a file is gone.
func abandoned(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // it is read only
	err = claim(f)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
