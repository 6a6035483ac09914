//go:build !unix

package main

import "os"

// running says whether there is a process of that number.
func running(pid int) bool {
	p, err := os.FindProcess(pid)
	return err == nil && p.Release() == nil
}
