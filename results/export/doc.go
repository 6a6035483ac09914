// Package export writes a run in the forms of other tools: PEFT folders, CSV, Parquet,
// TensorBoard events, Weights & Biases offline runs, an MLflow file store, LaTeX tables.
//
// What goes in is a run as it was read and a folder that is new or empty; what comes out
// are files that those tools read as their own ([To]). Numbers are those of the ledgers,
// under the names of metrics.csv; a number that a format cannot hold is an error, not a
// nought.
//
// Formats are written by hand from their specifications where that is short (TFRecord,
// protobuf, LevelDB's log), so that no tool of theirs is needed; scripts/export reads them
// back with the tools themselves.
//
// The package refuses to know how runs are made. Read export.go first.
package export
