//go:build !linux

package kernel

// adviseLarge is for systems where large pages are not to be had for the asking.
func adviseLarge(_, _ uintptr) {}
