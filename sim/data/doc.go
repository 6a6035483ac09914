// Package data turns what a scenario names into examples, examples into shards, and shards
// into tokens.
//
// What goes in: an entry of `data` ([scenario.Data]), a way to read files ([Files]) and a
// seed. What comes out: a [Set] of training and test examples ([Load]); lists of row numbers,
// one a participant ([Split]), each parted into training and validation rows ([Holdout]); and
// token ids with labels ([Encoder]), or whatever else a model reads ([Reader]).
//
//	set: NAME         layout.go     known layouts: dolly.go, clinc.go, lamp.go, shakespeare.go, corpora.go, tables.go
//	file: GLOB        file.go       rows.go, jsonl.go, csv.go, text.go, parquet.go: one reader a format; form.go: usual columns
//	generate: NAME    phrases.go    a corpus with a closed vocabulary; related.go: tasks that are as alike as is said
//	pictures          idx.go        picture.go, resize.go, look.go: from files to numbers
//	template, columns template.go, columns.go: from a row to a prompt and an answer
//	label, tasks      tasks.go      classes that can be answered, tasks in their order
//	split             split.go      iid.go, dirichlet.go, shards.go, natural.go, users.go: one rule each; drawn.go: shards that nobody lists
//
// Everything is a pure function of its arguments: the same files, entry and seed give the
// same examples in the same order. Errors are the user's: each names the file and line, or
// the field of the scenario, what was expected there, and what would mend it.
//
// The package refuses to know models, methods and the operating system. Read set.go next.
package data
