package method

import (
	"slices"
	"strings"
)

// Nothing, as the only word of [Assignment.Upload], uploads nothing: the report then has
// values alone. It is for work whose result stays where it was made.
const Nothing = "-"

// KeptOptimiser is the name under which a Fit keeps what its optimiser remembers: moments,
// updates made, the place in the order of the data. [Fit.Resume] goes on from it.
const KeptOptimiser = "optimiser"

// KeptControl is the name under which a Fit with the term [Control] keeps and uploads the
// participant's control variates. What it began from is in [Report].Began, once it keeps some.
const KeptControl = "control"

// Keeps are the names under which an assignment keeps things: those that it says, and what a
// Score or Sample leaves behind because that is what it is for.
func (a Assignment) Keeps() []string {
	names := slices.Clone(a.Keep)
	switch r := a.Recipe.(type) {
	case Score:
		names = append(names, r.Column)
	case Sample:
		names = append(names, r.Into, r.Column)
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// Keeping is what a participant keeps once it has kept more: of each name the last. A part
// that is kept whole takes the place of its factors kept before ("lora" of "lora.A"); a
// factor that is kept lies over the whole. It is in order of names, and new memory.
func Keeping(kept, more []Named) []Named {
	all := slices.Clone(kept)
	for _, n := range more {
		all = slices.DeleteFunc(all, func(old Named) bool {
			part, factor, _ := Factor(old.Name)
			return old.Name == n.Name || factor != "" && part == n.Name
		})
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b Named) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Factor takes "lora.A" apart. ok is false, and part the whole name, where it names no factor.
func Factor(name string) (part, factor string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || name[i+1:] != "A" && name[i+1:] != "B" {
		return name, "", false
	}
	return name[:i], name[i+1:], true
}

// KeptAs is the blob that is kept under a name, or "".
func KeptAs(kept []Named, name string) Blob {
	for _, n := range kept {
		if n.Name == name {
			return n.Blob
		}
	}
	return ""
}
