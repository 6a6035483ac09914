//go:build !unix

package main

// cpuSeconds is unknown on this system, and a share of 0 says so.
func cpuSeconds() float64 { return 0 }

// peakResident is unknown on this system.
func peakResident() int64 { return 0 }
