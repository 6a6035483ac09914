// Package metric is the catalogue of what can be measured, and the arithmetic of means.
//
// What goes in: a name from a scenario or a method ([Lookup]), and what a model did with each
// example ([Example]). What comes out: the entry of the catalogue, with formula, unit,
// direction, split and weight ([Metric]); values over groups of examples ([Sum]) and over
// participants ([Metric.Mean]); what learning tasks in sequence came to ([Tasks]); and how
// a number is spread over participants ([SharesOf]).
//
// Sums are float64 and run in the order in which the caller adds, so equal orders give equal
// bits. Values of measurements that are made elsewhere (aggregation error in linalg/lora,
// bytes and time in the world) are only named here.
//
// What judges texts is sim/metric/text ([Judge] takes from it what Score asks for); what
// judges classes, numbers and groups is sim/metric/answer, told of by class.go. Both are
// against golden answers of the usual libraries.
//
// The package refuses to know models, tables, plots and tests of significance. Read
// catalogue.go next.
package metric
