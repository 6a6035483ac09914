//go:build unix

package owner

import (
	"errors"
	"os"
	"syscall"
)

// Tells says whether this system tells who has a file.
const Tells = true

// Take makes this process the owner of an open file or folder, for as long as it is open, or is
// [ErrTaken].
func Take(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrTaken
	}
	if err != nil {
		return &os.PathError{Op: "flock", Path: f.Name(), Err: err}
	}
	return nil
}

// Gone says whether a file has no owner any more.
func Gone(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // it is read only
	err = Take(f)
	if errors.Is(err, ErrTaken) {
		return false, nil
	}
	return err == nil, err
}
