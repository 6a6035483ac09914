package routing

import (
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// trained is the name of what participants train and return.
const trained = "lora"

// params are those that all methods of the package have.
var params = []method.Param{
	{Name: "rank", Kind: method.Int, Default: 0, Min: 0, Max: 1 << 16, Doc: "of every adapter; 0 takes the smallest rank among those offered, 8 where there are no limits"},
	{Name: "rounds_each", Kind: method.Int, Default: 1, Min: 1, Max: 1 << 16, Doc: "rounds of training that a task gets"},
	{Name: "epochs", Kind: method.Float, Default: 1.0, Min: 0.001, Max: 1e6, Doc: "passes over its data that a participant makes in a round"},
	{Name: "batch", Kind: method.Int, Default: 8, Min: 0, Max: 1 << 20, Doc: "examples per update; 0 takes all at once"},
	{Name: "lr", Kind: method.Float, Default: 3e-3, Min: 0, Max: 10, Doc: "AdamW's learning rate at its largest; at 0 nothing is learned"},
	{Name: "schedule", Kind: method.Text, Default: "linear", OneOf: []string{"constant", "linear", "cosine"}, Doc: "of the learning rate within a round; constant does nothing"},
	{Name: "warmup", Kind: method.Float, Default: 0.0, Min: 0, Max: 1, Doc: "share of a round's updates over which the rate rises; 0 does nothing"},
	{Name: "clip", Kind: method.Float, Default: 1.0, Min: 0, Max: 1e6, Doc: "largest global norm of a gradient; 0 does nothing"},
	{Name: "scale", Kind: method.Float, Default: 2.0, Min: 1e-6, Max: 1e6, Doc: "s in s·B·A, what others call alpha/rank"},
	{Name: "dropout", Kind: method.Float, Default: 0.0, Min: 0, Max: 0.95, Doc: "share of an adapter's inputs dropped in training; 0 does nothing"},
	{Name: "modules", Kind: method.Text, Default: "q,v", Doc: "modules to adapt, by comma: a name (q) in every block, a pattern (4-7.v), or * for all"},
	{Name: "aggregate", Kind: method.Text, Default: "mean", OneOf: []string{"mean", "stack", "svd"}, Doc: "how the adapters of several participants of a task become one: mean of factors, or of the changes, cut once at the task's end (stack) or after every round (svd)"},
}

// card is a description with the package's own parameters, and more of the method's.
func card(name, title, paper string, more ...method.Param) method.Card {
	return method.Card{Name: name, Title: title, Paper: paper, Roles: []method.Role{"expert"}, Params: slices.Concat(params, more), Trains: []string{trained}}
}
