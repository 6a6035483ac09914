package flora

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/plugins/method"
)

// upload is the name of what every client trains and returns.
const upload = "lora"

// card is the description that all share.
func card(name, title, paper string) method.Card {
	return method.Card{
		Name: name, Title: title, Paper: paper,
		Roles:  []method.Role{"client"},
		Trains: []string{upload},
		Params: []method.Param{
			{Name: "epochs", Kind: method.Float, Default: 1.0, Min: 0.001, Max: 1e6, Doc: "passes over its data that a client makes in a round"},
			{Name: "batch", Kind: method.Int, Default: 8, Min: 0, Max: 1 << 20, Doc: "examples per update; 0 takes all at once"},
			{Name: "lr", Kind: method.Float, Default: 3e-3, Min: 0, Max: 10, Doc: "the learning rate at its largest; at 0 nothing is learned"},
			{Name: "optimiser", Kind: method.Text, Default: "adamw", OneOf: []string{"adamw", "sgd"}, Doc: "of a client's updates; it begins anew every round"},
			{Name: "schedule", Kind: method.Text, Default: "linear", OneOf: []string{"constant", "linear", "cosine"}, Doc: "of the learning rate within one round of one client; constant does nothing"},
			{Name: "warmup", Kind: method.Float, Default: 0.0, Min: 0, Max: 1, Doc: "share of a round's updates over which the rate rises; 0 does nothing"},
			{Name: "clip", Kind: method.Float, Default: 1.0, Min: 0, Max: 1e6, Doc: "largest global norm of a gradient; 0 does nothing"},
			{Name: "scale", Kind: method.Float, Default: 2.0, Min: 1e-6, Max: 1e6, Doc: "s in s·B·A, what others call alpha/rank: the same for every client"},
			{Name: "dropout", Kind: method.Float, Default: 0.0, Min: 0, Max: 0.95, Doc: "share of an adapter's inputs dropped in training; 0 does nothing"},
			{Name: "modules", Kind: method.Text, Default: "q,v", Doc: "modules to adapt, by comma: a name (q) in every block, a pattern (4-7.v), or * for all"},
			{Name: "proximal", Kind: method.Float, Default: 0.0, Min: 0, Max: 1e6, Doc: "μ of FedProx: μ/2 times the squared distance from where the round began is added to the loss; 0 does nothing"},
			{Name: "control", Kind: method.Text, Default: noControl, OneOf: []string{noControl, byScaffold}, Doc: "scaffold adds to every gradient what the mean client would do less what this one does anyway, by control variates that client and server keep (Karimireddy et al. 2020); none does nothing"},
			{Name: "server", Kind: method.Text, Default: string(server.FedAvg), OneOf: rules(), Doc: "what the server does with the clients' mean change beside adding it, by the rules of Reddi et al. (2021); fedavg does nothing"},
			{Name: "server_lr", Kind: method.Float, Default: 0.1, Min: 0, Max: 1e3, Doc: "η of the server's step; fedavg has none"},
			{Name: "server_beta1", Kind: method.Float, Default: 0.9, Min: 0, Max: 1, Doc: "β of fedavgm and β₁ of the adaptive rules"},
			{Name: "server_beta2", Kind: method.Float, Default: 0.99, Min: 0, Max: 1, Doc: "β₂ of fedadam and fedyogi"},
			{Name: "server_tau", Kind: method.Float, Default: 1e-3, Min: 1e-12, Max: 1, Doc: "τ of the adaptive rules: smaller adapts more"},
		},
	}
}

func rules() []string {
	var names []string
	for _, r := range server.Rules {
		names = append(names, string(r))
	}
	return names
}

// withRank adds the parameter of those that need one rank for all.
func withRank(c method.Card) method.Card {
	c.Params = append(c.Params, method.Param{Name: "rank", Kind: method.Int, Default: 0, Min: 0, Max: 1 << 16,
		Doc: "of every client's adapter, which must hold it; 0 takes the smallest rank among those offered"})
	return c
}

// withAges says that reports of earlier rounds are taken, and lets them count less.
func withAges(c method.Card, usual string) method.Card {
	c.Stale = true
	c.Params = append(c.Params, method.Param{Name: "discount", Kind: method.Text, Default: usual, OneOf: []string{"none", "sqrt", "linear"},
		Doc: "what is left of a report's weight when it was asked for so many rounds ago: all, 1/√(1+age) or 1/(1+age); none does nothing"})
	return c
}

// withMixing offers FedAsync's rule to those that go on from a shared adapter.
func withMixing(c method.Card) method.Card {
	c.Params = append(c.Params, method.Param{Name: "mixing", Kind: method.Float, Default: 0.0, Min: 0, Max: 1,
		Doc: "α of FedAsync: the shared adapter goes that share of the way to what came, less by age; 0 does nothing, and changes since each began are added, as in FedBuff"})
	return c
}

// adapter is the part that clients train, without its rank.
func adapter(s method.Scene) method.LoRA {
	p := s.Params
	return method.LoRA{
		Name:    upload,
		Modules: method.Patterns(p.Text("modules")),
		Scale:   p.Float("scale"),
		Dropout: p.Float("dropout"),
		Init:    s.Inits(method.InitAt{Modules: "*", Init: method.Kaiming{}}),
	}
}

// fit is what a client does in a round. Optimiser and schedule begin anew each time.
func fit(p method.Values, on method.Model, part method.LoRA) method.Fit {
	return method.Fit{
		Model:     on,
		Train:     []method.Part{part},
		Objective: objective(p, part.Name),
		Optimiser: method.Optimiser{Name: p.Text("optimiser"), LR: p.Float("lr")},
		Schedule:  method.Schedule{Name: p.Text("schedule"), Warmup: p.Float("warmup")},
		Epochs:    p.Float("epochs"),
		Batch:     p.Int("batch"),
		Clip:      p.Float("clip"),
	}
}

// objective is cross-entropy with a method's own terms, held back by FedProx's where it is
// asked for.
func objective(p method.Values, part string, terms ...method.Term) []method.Term {
	terms = append(slices.Clone(method.CE), terms...)
	if mu := p.Float("proximal"); mu > 0 {
		terms = append(terms, method.Times(mu, method.Quadratic{Of: part}))
	}
	return terms
}

// ask has everyone offered do the fit. The assignment has the same name in all methods:
// with the participant it names the draws, so all train on the same batches.
func ask(state method.State, f method.Fit) method.PlanResponse {
	return method.PlanResponse{State: state, Assign: []method.Assignment{{Name: "fit", Recipe: f, Upload: []string{upload}}}}
}
