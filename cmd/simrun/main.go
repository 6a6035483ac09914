// Command simrun simulates LoRA methods: it really trains small transformers over simulated
// participants, and answers the question of a scenario with a table, a page, and files that
// anyone can check.
//
// This package wires: it finds the scenario, opens the methods, builds the worlds, hands
// them to an engine, and lays the results down. It decides nothing about methods, numbers
// or files' formats; those are a floor below. There is one file per sub-command, named for
// it, and
//
//	root.go       the commands and what they share
//	exit.go       every exit code and the errors that lead to it
//	source.go     from a name or path to a scenario, and on to the trials
//	shelf.go      where methods come from
//	engine.go     the one file that knows the engines
//	perform.go    carrying a plan out, trial by trial
//	display.go    progress on stderr
//	output.go     results on stdout
//	memory.go     how often the collector runs
//
// Read run.go first.
package main

import "os"

func main() {
	(&collected{heap: heapFor(os.Args[1:]), percent: usualPercent}).pace()
	os.Exit(execute(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
