// Package lora is the subject of the house: adapters of low rank, and what can be done
// to them without looking at data.
//
// What goes in and what comes out is an [Adapter]: per adapted module a [Pair] of factors
// A (rank×in) and B (out×rank), a scale s, and, where the start moved the base, the
// factors A0, B0 that it moved by. The change that a pair makes to its frozen weight is
// always
//
//	Δ = s·(B·A − B0·A0),
//
// however it is attached, averaged, stacked or exported. A pair may instead hold the
// change itself as one matrix D, where that is smaller; then Δ = s·D.
//
// Adapters travel as tensors named "3.q.A", "3.q.B" ([Parse], [Adapter.Tensors]).
// Factors are float32, as they were trained; every sum over adapters is in float64, in
// the order in which they are given, and rounded once. Operations return new adapters and
// never write to those they were given.
//
// The package refuses to know how an adapter is trained, who trained it and on what, and
// which method wants the sum. Its draws come from linalg/rng.
//
// Read pair.go, adapter.go and tensors.go first; then stack.go and mean.go (the two ways to join
// adapters), gap.go (how far a join is from the sum that it should be), rank.go, init.go. What
// servers do besides is a file each: redistribute.go (a sum cut by SVD), residual.go and correct.go (a mean
// made exact, or nearly), tail.go (weights and ranks by norm).
// Sub-packages: peft (the exchange of folders with PEFT), merge (PEFT's merges of several
// adapters), start (beginnings from spectra, inputs and gradients), server (steps of a
// server's optimiser, control variates).
package lora
