// Package metric is the catalogue of what can be measured, and the arithmetic of means.
//
// What goes in: a name from a scenario or a method ([Lookup]), and what a model did with each
// example ([Example]). What comes out: the entry of the catalogue, with formula, unit,
// direction and weight ([Metric]); values over groups of examples ([Sum]) and over
// participants ([Mean]); and the spread over seeds ([SpreadOf]).
//
// Sums are float64 and run in the order in which the caller adds, so equal orders give equal
// bits. Values of measurements that are made elsewhere (aggregation error in linalg/lora,
// bytes and time in the world) are only named here.
//
// The package refuses to know models, tables and plots. Read catalogue.go next.
package metric
