// Package simtest makes worlds small enough for tests: a trial of [Source] takes a tenth of
// a second, pre-training and all.
//
// What goes in is the text of a scenario, with changes as `--set` takes them; what comes
// out are trials ([Trials], [Trial]), the world of one ([World]), all that it takes to run
// one ([Setup]), and the ledger of it in memory ([Run], [Lines]). Files and caches live in
// memory too ([Files], [Cache]); only blobs need a folder, which the test's end removes.
//
// Whatever goes wrong on the way ends the test. The package refuses to know what a test is
// about. Read source.go (the scenario), then trial.go and run.go.
package simtest
