// Package penalty is what training adds to the loss of the data: terms over the weights in
// training alone.
//
// What goes in are weights and, where there are any, centres, importances and the factors of
// earlier tasks; what comes out is the value of a term, and its gradient, added to one that
// is there already, times the weight of the term. Sums run in float64, in order. Gradients
// may be nil: of what is frozen only the value is wanted.
//
// The package refuses to know modules, steps and optimisers. HetLoRA's tail stands beside the
// pruning that follows from it, in package lora. Read quadratic.go (FedProx, EWC), norm.go
// (L1, L2), orthogonal.go (O-LoRA).
package penalty
