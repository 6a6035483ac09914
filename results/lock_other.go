//go:build !unix

package results

import "errors"

// ErrLocked says that somebody else has the folder.
var ErrLocked = errors.New("locked")

// Lock does nothing where the system has no lock that ends with the process: there, that
// somebody has a folder cannot be told.
func Lock(string) (release func() error, err error) { return func() error { return nil }, nil }
