// Package remotetest has plugins to test hosts with: one that is good, and many that are
// bad, each in one way.
//
// A test binary, or a command of a test script, becomes such a plugin by calling [Main]
// with the name of the fault; [Modes] lists them. testdata/bad in plugins/remote makes a
// program of it.
//
// [Gate] holds good methods up, at a round that a test names, so that what a test does to a run it does
// there, and not while the run happens to last.
package remotetest
