package ailora

import "github.com/loramesh/loramesh/plugins/method"

// arm is where the factors of queries, of values and of all other modules begin.
type arm struct {
	name                 string
	query, value, others method.Init
}

func spectral(pick string) method.Init { return method.Spectral{Pick: pick} }

// redrawn keeps the singular values of a choice and draws directions.
func redrawn(pick string) method.Init { return method.Spectral{Pick: pick, Random: true} }

// everywhere is an arm that makes no difference between modules.
func everywhere(name string, i method.Init) arm { return arm{name, i, i, i} }

// arms are AILoRA and what it has to be compared with. AILoRA says nothing about modules
// other than queries and values: those begin as LoRA does.
func arms() []arm {
	plain := method.Kaiming{}
	return []arm{
		{"ailora", spectral("principal"), spectral("minor"), plain},
		{"swapped", spectral("minor"), spectral("principal"), plain},
		everywhere("pissa-qv", spectral("principal")),
		everywhere("milora-qv", spectral("minor")),
		everywhere("middle", spectral("middle")),
		everywhere("random", spectral("random")),
		{"norm-matched", redrawn("principal"), redrawn("minor"), plain},
		everywhere("vanilla", plain),
		everywhere("rescaled", plain), // and learning rates as AILoRA's start has them, see rescale.go
	}
}

func armNames() []string {
	var names []string
	for _, a := range arms() {
		names = append(names, a.name)
	}
	return names
}

// armOf is the arm of a card's own list.
func armOf(name string) arm {
	for _, a := range arms() {
		if a.name == name {
			return a
		}
	}
	panic("ailora: no arm " + name) // the card's list is this one
}

// inits is the arm as a part has it: first match wins.
func (a arm) inits() []method.InitAt {
	return []method.InitAt{{Modules: "*.q", Init: a.query}, {Modules: "*.v", Init: a.value}, {Modules: "*", Init: a.others}}
}
