//go:build unix

package results

import (
	"errors"
	"os"
	"syscall"
)

// ErrLocked says that somebody else has the folder.
var ErrLocked = errors.New("locked")

// Lock takes a folder for this process, or is [ErrLocked]. The system takes it back when the process is
// gone, however it went.
func Lock(dir string) (release func() error, err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = d.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, &os.PathError{Op: "flock", Path: dir, Err: err}
	}
	return d.Close, nil
}
