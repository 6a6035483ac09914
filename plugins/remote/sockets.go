package remote

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/loramesh/loramesh/plugins/blob/owner"
)

const (
	// longestSocketDir is how long the name of a socket's folder may be: the system takes 104
	// bytes with the end, of which go-plugin's file names take about 45.
	longestSocketDir = 55

	// socketPrefix begins the names of folders of our own, which end in digits.
	socketPrefix = "simrun-sockets-"

	// youngSockets is how old a folder is at least that nobody has: to make one and to take it takes no time.
	youngSockets = time.Minute
)

// socketDir finds a folder whose sockets have names short enough for the system: the one
// wanted, one of our own in the temporary folder, or, where $TMPDIR is long too, in /tmp. One
// of our own is held by mine as long as that is open; those whose hosts were killed are
// removed on the way.
func socketDir(want string) (dir string, mine *os.File, err error) {
	if want != "" {
		abs, err := filepath.Abs(want)
		if err != nil {
			return "", nil, err
		}
		if len(abs) <= longestSocketDir {
			return abs, nil, os.MkdirAll(abs, 0o700)
		}
	}
	parent := os.TempDir()
	if len(parent)+len("/"+socketPrefix+"0123456789") > longestSocketDir {
		parent = "/tmp"
	}
	if err := sweepSockets(parent); err != nil {
		return "", nil, err
	}
	if dir, err = os.MkdirTemp(parent, socketPrefix); err != nil {
		return "", nil, fmt.Errorf("no folder for sockets can be made (TMPDIR names where): %w", err)
	}
	if mine, err = os.Open(dir); err == nil {
		err = owner.Take(mine)
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, mine, nil
}

// sweepSockets removes the folders of hosts that were killed: each is small, and nobody else would.
// Those of other users stay as they are.
func sweepSockets(parent string) error {
	dirs, err := filepath.Glob(filepath.Join(parent, socketPrefix+"[0-9]*"))
	for _, dir := range dirs {
		info, failed := os.Stat(dir)
		if failed != nil || time.Since(info.ModTime()) < youngSockets {
			continue // gone by now, or about to be taken
		}
		if gone, failed := owner.Gone(dir); failed == nil && gone {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	return err
}
