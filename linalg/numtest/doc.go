// Package numtest compares numbers in tests: bit by bit, within a tolerance, and gradients against
// differences.
//
// It knows slices and nothing else, so that the packages that all others stand on can be tested
// with it, too. Read close.go, then gradient.go. The package is for tests only.
package numtest
