// Package ledger keeps the book of one trial: what was asked, what came back, what was
// made of it, and how good it was, a line each, chained by a running hash.
//
// What goes in are the line types of lines.go; what comes out are bytes, one JSON object
// a line, and the hash that names the trial's whole course. Everything that a report, a
// table or a comparison shows is read back from these lines. Nothing that depends on the
// host, on the number of workers or on wall time may ever stand in one.
//
// The package refuses to know files: it is given a function that takes lines, and reads
// from any reader. Read next: book.go (writing and the chain), read.go (reading, checking,
// the first difference between two books).
package ledger
