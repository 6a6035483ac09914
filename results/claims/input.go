package claims

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/ledger"
)

// Input is what a claim's scenario needs and simrun does not bring: a folder of the user's, with
// a model or with data.
type Input struct {
	Name string `yaml:"name" json:"name"` // by which the user gives it: "stories260k"
	Set  string `yaml:"set" json:"set"`   // the path of the scenario that names it: "bases.main.hf"
	Is   string `yaml:"is" json:"is"`     // what the folder holds, and where that comes from
	// Blob is the hash that the base has in a ledger; "": whatever is given is taken. A claim about
	// one model says nothing of another.
	Blob string `yaml:"blob" json:"blob,omitempty"`
}

// inputRoot begins the path of every input as a scenario names it.
const inputRoot = "input/"

// Path is where a scenario finds an input. It is a name, and the lab knows the folder: so the
// hash of a run is the same wherever a folder lies.
func (i Input) Path() string { return inputRoot + i.Name }

// Needed are the inputs that a claim is not given: those whose place no set is laid over.
func (c Claim) Needed(sets []string) (out []Input) {
	for _, in := range c.Inputs {
		if !slices.ContainsFunc(sets, func(s string) bool { return strings.HasPrefix(s, in.Set+"=") }) {
			out = append(out, in)
		}
	}
	return out
}

// placed are the sets that put inputs in their places.
func placed(inputs []Input) (sets []string) {
	for _, in := range inputs {
		sets = append(sets, in.Set+"="+in.Path())
	}
	return sets
}

// check says what is wrong with an input as it was registered.
func (i Input) check() error {
	words := strings.Split(i.Set, ".")
	switch {
	case i.Name == "" || i.Is == "" || strings.Trim(i.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return fmt.Errorf("an input needs a name in small letters, digits and dashes, and what it is; this is %q", i.Name)
	case len(words) != 3 || words[0] != "bases" && words[0] != "data":
		return fmt.Errorf("input %s is to be set at %q: bases.NAME.hf or data.NAME.path was expected", i.Name, i.Set)
	case i.Blob != "" && words[0] != "bases":
		return fmt.Errorf("input %s: only a base is known by its blob", i.Name)
	}
	return nil
}

// known holds the bases of a trial against what was registered.
func known(inputs []Input, head ledger.Trial) error {
	for _, in := range inputs {
		name := strings.Split(in.Set, ".")[1]
		for _, b := range head.Bases {
			if in.Blob != "" && b.Name == name && string(b.Blob) != in.Blob {
				return fmt.Errorf("the input %s has the hash %.12s…, and the claim is about %.12s… (%s); to ask the same of another base: --set %s=DIR",
					in.Name, b.Blob, in.Blob, in.Is, in.Set)
			}
		}
	}
	return nil
}
