// Package owner says which process has a file or a folder, of those that share a disk: who writes a
// run's folder, and whether the worker that left a file of blobs is still there.
//
// What goes in is an open file ([Take]) or the path of one that somebody may have ([Gone]); what
// comes out is whether it is ours, or nobody's. The system takes a file back when its owner's
// process is gone, however it went, so that nothing is ever left over.
//
// The package refuses to know what is in the files.
package owner

import "errors"

// ErrTaken is the error for what has an owner: another process, or another taker in this one.
var ErrTaken = errors.New("another process has it")
