// Package server is what a federated server does with a mean change besides adding it to its
// model, and what clients and server tell each other so that drift cancels.
//
// What goes in are vectors of float64: a model as its parameters stand in a list, and
// changes of it. What comes out are the next model and what has to be remembered until then.
// [Optimiser] is the family of Reddi et al. (Adaptive Federated Optimization, ICLR 2021,
// algorithm 2) with Hsu et al.'s FedAvgM; [Control] are the control variates of SCAFFOLD
// (Karimireddy et al., ICML 2020, option II).
//
// The package refuses to know what the numbers are weights of, who sent them, and where what
// it returns is kept: nothing is remembered between two calls.
//
// Read optimiser.go, then control.go; variates.go is how controls travel.
package server
