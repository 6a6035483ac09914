// Package wide hashes many contents at a time. A SHA-256 is one long chain, of which a processor does
// one step after the other. On those that have instructions for it two chains side by side take as long as
// one, or not much longer; where registers have room for a word of sixteen chains, sixteen take about as long as
// eight or so would two by two.
//
// What go in are contents, what come out are the SHA-256 of each, as crypto/sha256 gives it. The
// package refuses to know what they are. Where processor or lengths do not allow it, it is crypto/sha256
// that does the work.
//
// Read wide.go, then two_amd64.s and sixteen_amd64.s.
package wide
