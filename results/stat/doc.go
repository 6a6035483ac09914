// Package stat turns the numbers of seeds into statements with their uncertainty.
//
// What goes in are plain numbers: paired differences (one per seed, or per seed several,
// of clients or queries), two samples, p-values of a table. What comes out are means with
// intervals, tests, effect sizes, and verdicts in words ([Paired.Verdict]).
//
// Trials of one seed share participants, shards and batches (common random numbers), so
// what is tested is the differences seed by seed, and seeds are what is resampled first;
// clients or queries within a seed only second ([Hierarchy]). Draws of resampling come
// from named streams, so a report made twice says the same.
//
// Two channels, and no third: what cannot be computed at all is an error that says what
// was given and what is needed; what can be computed and should not be trusted travels as
// a warning beside the number. NaN in gives NaN out.
//
// The package refuses to know runs, arms, metrics and tables. Formulas agree with scipy
// 1.17 and statsmodels 0.15, where those have them.
//
// Read next: paired.go (what a comparison is made of), then signedrank.go, bootstrap.go,
// equivalence.go.
package stat
