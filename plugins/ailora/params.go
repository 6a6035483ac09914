package ailora

import (
	"github.com/loramesh/loramesh/plugins/method"
)

// upload is the name of what every participant trains and returns.
const upload = "lora"

// training are the parameters of the methods that train, in front of their own.
func training(own ...method.Param) []method.Param {
	return append(own,
		method.Param{Name: "steps", Kind: method.Int, Default: 20, Min: 1, Max: 1e6, Doc: "updates in a round; the rounds of a participant go on from one another"},
		method.Param{Name: "batch", Kind: method.Int, Default: 8, Min: 0, Max: 1 << 20, Doc: "examples per update; 0 takes all at once"},
		method.Param{Name: "lr", Kind: method.Float, Default: 3e-3, Min: 0, Max: 10, Doc: "AdamW's learning rate at its largest; at 0 nothing is learned"},
		method.Param{Name: "plus", Kind: method.Float, Default: 1.0, Min: 0.001, Max: 1000, Doc: "times the learning rate for B (LoRA+, λ; 16 in the paper); 1.0 does nothing"},
		method.Param{Name: "schedule", Kind: method.Text, Default: "constant", OneOf: []string{"constant", "linear", "cosine"}, Doc: "of the learning rate over all rounds; constant does nothing"},
		method.Param{Name: "warmup", Kind: method.Float, Default: 0.0, Min: 0, Max: 1, Doc: "share of all updates over which the rate rises; 0 does nothing"},
		method.Param{Name: "clip", Kind: method.Float, Default: 1.0, Min: 0, Max: 1e6, Doc: "largest global norm of a gradient; 0 does nothing"},
		method.Param{Name: "dropout", Kind: method.Float, Default: 0.0, Min: 0, Max: 0.95, Doc: "share of an adapter's inputs dropped in training, which also disturbs what a spectral start has taken out of the weight; 0 does nothing"},
		rankParam("of every participant's adapter, which must hold it; 0 takes the smallest that any offered can hold, or 8 where nothing limits them", 0),
		scaleParam(), modulesParam(),
	)
}

func rankParam(doc string, def int) method.Param {
	return method.Param{Name: "rank", Kind: method.Int, Default: def, Min: 0, Max: 1 << 16, Doc: doc}
}

func scaleParam() method.Param {
	return method.Param{Name: "scale", Kind: method.Float, Default: 1.0, Min: 1e-6, Max: 1e6, Doc: "s in s·B·A, what others call alpha/rank; a spectral start has √(σ/s) on each side"}
}

func modulesParam() method.Param {
	return method.Param{Name: "modules", Kind: method.Text, Default: "q,v", Doc: "modules to adapt, by comma: a name (q) in every block, a pattern (4-7.v), or * for all"}
}

// usualRank is taken where neither the scenario nor a participant says one.
const usualRank = 8
