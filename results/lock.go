package results

import (
	"errors"
	"fmt"
	"os"

	"github.com/loramesh/loramesh/plugins/blob/owner"
)

// ErrLocked says that somebody else has the folder.
var ErrLocked = errors.New("locked")

// Lock takes a folder for this process, or is [ErrLocked]. The system takes it back when the process is
// gone, however it went; where it does not do that, nothing is locked.
func Lock(dir string) (release func() error, err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := owner.Take(d); err != nil {
		_ = d.Close() // nothing was written
		if errors.Is(err, owner.ErrTaken) {
			err = ErrLocked
		}
		return nil, err
	}
	return d.Close, nil
}

// Own is [Lock] for whoever writes into the folder of a run. With one that somebody else has, the error wraps
// [ErrPlace].
func Own(dir string) (release func() error, err error) {
	if !isRun(dir) {
		return nil, runError(dir, os.ErrNotExist)
	}
	release, err = Lock(dir)
	if errors.Is(err, ErrLocked) {
		err = &placeError{fmt.Sprintf("another simrun is running in %s; \"simrun watch %[1]s\" shows how far it is", dir)}
	}
	return release, err
}
