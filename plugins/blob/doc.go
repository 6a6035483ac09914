// Package blob keeps tensors by the hash of their bytes, in a folder of a run.
//
// What goes in are bytes (in practice safetensors files: adapters, gates, bases,
// checkpoints); what comes out is their SHA-256 in hex, and on request the bytes again,
// as a view of memory that the system reads from the file when it is touched. A
// [*Store] is a [method.Blobs], so a method in the same process folds straight from it,
// and [Store.Handle] says where a blob lies so that a plugin process maps the very same
// file.
//
// On disk there are segments of at most [SegmentBytes], written front to back, each with
// an index beside it once it is to outlive the process; a file per adapter would cost more
// than folding it. Segments belong to generations: generation 0 lives as long as the run,
// every other one as long as a round or so, and [Store.Retire] moves what is still alive
// into generation 0. Files whose generation has ended are written over by those to come.
//
// Who puts things on the disk is asked through a [Disk], so that a test can have the power fail.
//
// The package refuses to know what is alive, who reads, and what a tensor means.
//
// Read store.go first, then segment.go and index.go (the file format), retire.go and bury.go (the end of a
// generation), spare.go and map_unix.go; docs/decisions/0053-files-that-are-written-over.md
// says what may be written over. Many blobs are hashed side by side by package wide;
// docs/decisions/0052-hashes-in-pairs.md says why.
package blob
