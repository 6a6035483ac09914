//go:build unix

package main

import (
	"runtime"
	"syscall"
)

// cpuSeconds is the processor time that this process has had.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// peakResident is the most memory in bytes that this process ever had; 0: nobody knows.
func peakResident() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" { // in bytes there, elsewhere in kilobytes
		return int64(u.Maxrss) //nolint:unconvert // the types differ between systems
	}
	return int64(u.Maxrss) << 10 //nolint:unconvert // the types differ between systems
}
