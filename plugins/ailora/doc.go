// Package ailora has the methods that differ in where an adapter begins, and nowhere else.
//
//	ailora   AILoRA and its arms: queries begin at one end of the spectrum, values at the other
//	pissa    principal triples everywhere      milora   minor triples everywhere
//	olora    the QR factorisation              mica     minor left vectors, frozen; A is trained
//
//	init-spectral, init-eva, init-lora-ga, init-corda   train nothing: they leave word of how
//	the methods after them in the chain begin, where the scenario says `init: {from: chain}`
//
// What goes in is a base with a spectrum, or what participants measured on their data; what
// comes out is one adapter. The training methods ask everyone offered for the same Fit under
// the same name and average what comes; one participant is the centralised case. Their
// second round goes on from the mean, with the optimiser that each participant kept, so that
// n rounds of k steps are one training of n·k steps that is looked at n times.
//
// A start that is not 0 is taken out of the weight (Δ = s(BA − B₀A₀)), so every arm computes
// at first what the base does, has as many trained numbers, and costs the same a step.
//
// The package refuses to know who the participants are and how the result is tested.
// Arithmetic is linalg/lora's, beginnings are linalg/lora/start's.
//
// Read arm.go (what the arms are), then train.go (what they ask), begin.go (what the members
// that only leave an init have in common) and eva.go.
//
// Sources: Ji et al., AILoRA (arXiv 2510.08034), of which the abstract and second-hand
// accounts were read: index sets are its, √σ/s on each side is PiSSA's convention. Meng et
// al., PiSSA (2404.02948); Wang et al., MiLoRA (2406.09044); Büyükakyüz, OLoRA (2406.01775);
// Wang et al., LoRA-GA (2407.05000); Paischer et al., EVA (2410.07170); Yang et al., CorDA
// (2406.05223); Hayou et al., LoRA+ (2402.12354). MiCA as PEFT 0.21 has it.
package ailora

import "github.com/loramesh/loramesh/plugins/method"

// Set is every method of the package, in the order in which they are listed above.
func Set() []method.Method {
	return []method.Method{AILoRA(), PiSSA(), MiLoRA(), OLoRA(), MiCA(), InitSpectral(), InitEVA(), InitLoRAGA(), InitCorDA()}
}
