//go:build unix

package results

import (
	"errors"
	"os"
	"syscall"
)

// errLocked says that somebody else has the folder.
var errLocked = errors.New("locked")

// lock takes a run folder for this process. The system takes it back when the process is
// gone, however it went.
func lock(dir string) (release func() error, err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = d.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, &os.PathError{Op: "flock", Path: dir, Err: err}
	}
	return d.Close, nil
}
