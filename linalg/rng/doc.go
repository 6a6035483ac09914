// Package rng gives every random draw of a trial a name.
//
// What goes in is the seed of a trial and a path of words and numbers: the purpose, the
// participant, the assignment, the module. What comes out is a [Key], and from it a
// [Stream] of draws, a seed, or a [Permutation]. The same name gives the same draws
// whoever asks, in whatever order, on however many threads; two names have nothing to
// do with each other. Nothing is shared and nothing is global, so adding a draw in one
// place moves no draw in another.
//
// The package refuses to know what the names mean, and it never looks at a clock or at
// the entropy of the machine. It is the only door to math/rand/v2.
//
// Read key.go first (names), then stream.go (draws), gamma.go (gamma and Dirichlet) and
// permutation.go (shuffles of a million without a million numbers).
package rng
