// Package linalgtest helps tests of numbers with golden vectors. (Numbers are compared by numtest.)
//
// Golden vectors are what other implementations computed: inputs, results and the
// tolerance for each, in a folder outside the repository. Where the folder is absent,
// tests that ask for it skip and say why; where it is there, they run every case they
// find, with the settings that the case's own JSON gives.
//
// A case whose feature is not built yet is named in [Unbuilt] and nowhere else. The list
// can only shrink: a case that fails and is not on it fails the test, and so does a case
// that is on it and passes (see [Settle]).
//
// Read golden.go first, then cases.go. The package is for tests only.
package linalgtest
