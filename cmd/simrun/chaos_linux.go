package main

import "golang.org/x/sys/unix"

// fillUp makes every file that a process writes to from now on too large for it, as a disk
// that has no block left is.
func fillUp(pid int) error {
	var now unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, nil, &now); err != nil {
		return err
	}
	now.Cur = 0
	return unix.Prlimit(pid, unix.RLIMIT_FSIZE, &now, nil)
}
