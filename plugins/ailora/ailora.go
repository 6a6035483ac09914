package ailora

import "github.com/loramesh/loramesh/plugins/method"

// AILoRA begins queries at the principal triples of their weight and values at the minor
// ones, or as one of its arms says: the ablations that tell whether the asymmetry matters,
// and whether it is the direction or the size that does.
func AILoRA() method.Method {
	c := card("ailora", "Queries begin at the large end of the spectrum, values at the small end; and the arms to compare with",
		"Ji et al., AILoRA, arXiv 2510.08034",
		method.Param{Name: "arm", Kind: method.Text, Default: "ailora", OneOf: armNames(),
			Doc: "where queries and values begin: ailora (principal, minor), swapped (minor, principal), pissa-qv, milora-qv, middle, random, norm-matched (ailora's σ, random directions), vanilla (LoRA), rescaled (LoRA at the learning rates that ailora's start amounts to)"})
	return trained{c, func(r method.PlanRequest, part *method.LoRA, m *memory) error {
		name := r.Params.Text("arm")
		part.Init = r.Inits(armOf(name).inits()...)
		if name == "rescaled" {
			return rescaled(r, part, m)
		}
		return nil
	}}
}

// PiSSA begins at the principal triples of every module.
func PiSSA() method.Method {
	return same("pissa", "Begins at the principal triples of every weight", "Meng, Wang and Zhang, PiSSA, NeurIPS 2024, arXiv 2404.02948", method.Spectral{Pick: "principal"})
}

// MiLoRA begins at the minor triples of every module.
func MiLoRA() method.Method {
	return same("milora", "Begins at the minor triples of every weight", "Wang et al., MiLoRA, NAACL 2025, arXiv 2406.09044", method.Spectral{Pick: "minor"})
}

// OLoRA begins at the QR factorisation of every module.
func OLoRA() method.Method {
	return same("olora", "Begins at the QR factorisation of every weight", "Büyükakyüz, OLoRA, arXiv 2406.01775", method.Orthonormal{})
}

// same is a method that begins alike everywhere.
func same(name, title, paper string, init method.Init) method.Method {
	return trained{card(name, title, paper), func(r method.PlanRequest, part *method.LoRA, _ *memory) error {
		part.Init = r.Inits(method.InitAt{Modules: "*", Init: init})
		return nil
	}}
}
