//go:build !linux

package blob

import "os"

// SyncBytes is Sync where the system has nothing less.
func (system) SyncBytes(f *os.File) error { return f.Sync() }
