// Package flora has FLoRA, the federated methods that it is measured against, their bounds,
// and controls that are wrong on purpose.
//
//	flora                    adapters are stacked, which is exact, and merged into the base
//	fedit                    factors are averaged, and clients go on from the mean
//	fedit-restart            FedIT's mean, merged and begun afresh, as FLoRA does
//	zeropad                  factors of unequal rank are filled up with zeros and averaged
//	hetlora                  the same with weights by norm, and clients that prune their ranks
//	flexlora, florist        the sum of all changes, cut by SVD to each client's rank, or by energy
//	ffa-lora, rolora         one factor is trained at a time, so that its mean is exact
//	fedex-lora, lora-fair    FedIT made exact by a residual, or nearly so by a corrected B
//	fedsa-lora, ditto,       personal models: an own B, an own adapter, own last blocks
//	fedrep
//	local-only               nothing is sent
//	full-fine-tuning         the weights themselves are averaged
//	centralised              all clients' data in one place, as many updates as they would make
//	fedit-first-client-only, controls, wrong on purpose: mistakes that released code has made
//	flora-weights-on-both,
//	fedex-transposed
//
// What goes in are the reports of clients that trained one adapter each, "lora"; what
// comes out is the model that they make together. All ask for the same Fit under the
// same name, so that they differ in how adapters are joined and in nothing else. Ranks
// are as the method can take them: some let every client train at the rank that it can hold;
// those that average factors need one rank, the smallest.
//
// fedit-restart is a control: FLoRA differs from FedIT in three ways (no noise from
// averaging factors, a larger rank over the rounds, a fresh start in each), and the
// control has the last two without the first.
//
// Options that stand across the methods are parameters: FedProx's pull (proximal),
// SCAFFOLD's controls (control, scaffold.go), a server's optimiser (server), a discount by age
// where old reports are taken. Where a
// method's algebra does not allow one, Check says why.
//
// The package refuses to know who the clients are, when they answer and how they are
// tested. Arithmetic is linalg/lora's.
//
// Read flora.go and fedit.go; then client.go (what all ask for), rounds.go (the two ways from
// round to round), serve.go (a server that goes on from a shared adapter) and halves.go (one
// factor at a time). docs/methods has a page for each method.
package flora

import "github.com/loramesh/loramesh/plugins/method"

// Set is every method of the package, in the order in which they are listed above.
func Set() []method.Method {
	return []method.Method{
		FLoRA(), FedIT(), FedITRestart(), ZeroPad(),
		HetLoRA(), FlexLoRA(), FLoRIST(), FFA(), RoLoRA(), FedEx(), LoRAFAIR(),
		FedSA(), Ditto(), FedRep(), LocalOnly(), Full(), Centralised(),
		FirstClientOnly(), WeightsOnBoth(), FedExTransposed(),
	}
}
