// Package results is where a run lies down to rest: a folder of files that say what was
// asked, what came of it, and how to check both.
//
// What goes in are the plan of a run and the lines of its trials' ledgers; what comes out
// is the folder
//
//	runs/NAME-PLANHASH/
//	  scenario.yaml      as the user wrote it
//	  resolved.yaml      every trial with every choice and default written out
//	  plan.json          the trials, before any was run
//	  ledger/000.jsonl   one ledger per trial, chained by hash: the truth
//	  checkpoints/000/   where each trial can go on: the machine between two rounds
//	  blobs/             adapters and states, by content: those that checkpoints name
//	  participants.csv   who took part: device, rank, examples
//	  adapters/          what each trial deployed in the end, in the PEFT layout
//	  metrics.csv        every evaluated number, a row each
//	  trials.csv         one row per trial
//	  report.html        one page that opens without a network
//	  manifest.json      written last: the mark that the run is whole
//
// and, while it is not whole, a file INCOMPLETE with the command to go on with it; one whose
// checkpoints come round by round has a journal as well, see journal.go.
// The tables and the page can be made again from the rest at any time ([Run.Rewrite]).
//
// The package refuses to know how trials are run, and what a method is: it reads the
// lines of sim/ledger and nothing else. The page itself is results/report.
//
// Read next: folder.go (making a run folder), book.go, keeper.go and journal.go (what is written on
// the way), reopen.go and good.go (going on; docs/decisions/0056-one-sync-a-checkpoint.md), manifest.go (finishing it), trial.go (what
// is kept of a ledger), arm.go (trials that differ only in their seed), verify.go.
package results
