//go:build unix

package main

import (
	"errors"
	"syscall"
)

// running says whether there is a process of that number.
func running(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// pause has a process stand still, and goOn ends that.
const (
	pause = syscall.SIGSTOP
	goOn  = syscall.SIGCONT
)
