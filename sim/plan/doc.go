// Package plan turns a scenario document into trials: scenarios with every choice made,
// each with its seed, its place in a table and its hash.
//
// [Expand] multiplies out what the document varies; [CheckMethods] holds the trials
// against the cards of their methods, fills in the parameters' defaults and hashes again.
// Both are pure: the same document gives the same trials in the same order, and the same
// [Hash], on any machine.
//
// Trials come in the order of the product as written: the first path of `vary` is the
// slowest, the last the fastest; paths under zip are one path. Trials that differ in the
// seed alone are one arm, and pairing arms by seed is what reports do, so a trial knows
// its arm's name.
//
// The package refuses to know what a method does, and opens no file. Read expand.go, then
// check.go.
package plan
