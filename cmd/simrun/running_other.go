//go:build !unix

package main

import "os"

// running says whether there is a process of that number.
func running(pid int) bool {
	p, err := os.FindProcess(pid)
	return err == nil && p.Release() == nil
}

// pause and goOn are signals that this system does not have; only "simrun chaos", which is
// for Linux, sends them.
var pause, goOn = os.Interrupt, os.Interrupt
