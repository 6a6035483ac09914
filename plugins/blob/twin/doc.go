// Package twin hashes two contents at a time. A SHA-256 is one long chain, of which a processor does one
// step after the other; on those that have instructions for it, two chains side by side take as long as
// one.
//
// What goes in is two contents, what comes out is the SHA-256 of each, as crypto/sha256 gives it. The
// package refuses to know what they are. Where processor or lengths do not allow it, it is crypto/sha256
// that does the work.
//
// Read twin.go, then twin_amd64.s.
package twin
