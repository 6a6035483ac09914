// Package flora has FLoRA and the three federated methods that it is measured against.
//
//	flora           FLoRA: adapters are stacked, which is exact, and merged into the base
//	fedit           FedIT: factors are averaged, and clients go on from the mean
//	fedit-restart   FedIT's mean, but merged into the base and begun afresh, as FLoRA does
//	zeropad         zero-padding: factors of unequal rank are filled up and averaged
//
// What goes in are the reports of clients that trained one adapter each, "lora"; what
// comes out is the model that they make together. All four ask for the same Fit under the
// same name, so that they differ in how adapters are joined and in nothing else. Ranks
// are as the method can take them: FLoRA and zero-padding let every client train at the
// rank that it can hold; the two that average factors need one rank, the smallest.
//
// fedit-restart is a control: FLoRA differs from FedIT in three ways (no noise from
// averaging factors, a larger rank over the rounds, a fresh start in each), and the
// control has the last two without the first.
//
// The package refuses to know who the clients are, when they answer and how they are
// tested. Arithmetic is linalg/lora's: [lora.Stack] and [lora.Mean].
//
// Read flora.go, then fedit.go; client.go is what all four ask for.
//
// Sources: Wang et al., FLoRA (NeurIPS 2024, arXiv 2409.05976); Zhang et al., FedIT
// (arXiv 2305.05644); Cho et al., HetLoRA (arXiv 2401.06432), for what a client of small
// rank receives.
package flora

import "github.com/loramesh/loramesh/plugins/method"

// Set is every method of the package, in the order in which they are listed above.
func Set() []method.Method {
	return []method.Method{FLoRA(), FedIT(), FedITRestart(), ZeroPad()}
}
