// Package solo works with one model by itself: no participants, no rounds, no simulated
// time. It is what the commands of `simrun model` are made of.
//
// What goes in: a Hugging Face folder, adapter folders as PEFT writes them, a way to files,
// and examples of sim/data. What comes out: a [Model] with its adapters on it ([Open]),
// losses row by row ([Model.Score]), likeliest tokens ([Model.Logits]), texts
// ([Model.Generate]), answers of a head ([Model.Answer]), and a new adapter folder ([Model.Tune]).
//
// The same model, adapters, examples, options and seed give the same bits. Defaults, flags
// and progress bars are the caller's; the package refuses to know them, as it refuses to
// know the operating system. A training that was stopped goes on from a [Training.Checkpoint],
// to the same bits. Read open.go, then tune.go, then checkpoint.go.
package solo
