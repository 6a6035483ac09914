//go:build unix

package owner

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// Tells says whether this system tells who has a file.
const Tells = true

// Take makes this process the owner of an open file or folder, for as long as it is open, or is
// [ErrTaken].
func Take(f *os.File) error { return take(f, runtime.Gosched) }

// patience is how often it is tried while somebody asks, which takes no time: a tenth of a second, about.
const patience = 50_000

// take waits for those who only ask: an owner has a file alone, and who asks shares it with others who do.
func take(f *os.File, wait func()) error {
	for range patience {
		err := lock(f, syscall.LOCK_EX)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		if err = lock(f, syscall.LOCK_SH); errors.Is(err, syscall.EWOULDBLOCK) {
			return ErrTaken
		}
		if err == nil {
			err = lock(f, syscall.LOCK_UN)
		}
		if err != nil {
			return err
		}
		wait()
	}
	return ErrTaken
}

func lock(f *os.File, how int) error {
	if err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); err != nil {
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
	err = lock(f, syscall.LOCK_SH)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
