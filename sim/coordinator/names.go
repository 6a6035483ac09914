package coordinator

import (
	"cmp"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// checkNames insists that a report brings what its assignment makes, all of it and nothing else:
// a method finds what it asked for, and nobody fills tables of names with others. What that began
// from goes by the same names.
func (m *Machine) checkNames(id method.ID, a *method.Assignment, rep *method.Report) error {
	if m.makes.of != a { // many leases share an assignment
		m.makes.of, m.makes.names = a, a.Makes()
	}
	name, missing := without(m.makes.names, rep.Made)
	switch {
	case name != "":
		return refused(id, "made %.80q for %q, which was not asked for, or not so often", name, a.Name)
	case missing != "":
		return refused(id, "made no %q for %q, which was asked for", missing, a.Name)
	}
	if len(rep.Began) == 0 {
		return nil
	}
	if name, _ := without(m.makes.names, rep.Began); name != "" {
		return refused(id, "began from %.80q for %q, under which nothing was made, or not so often", name, a.Name)
	}
	return nil
}

// makes are the names of what an assignment makes.
type makes struct {
	of    *method.Assignment
	names []string
}

// without goes through things by their names, of which each stands for one of them, and says of
// which thing there is no name left, or else which name is.
func without(names []string, all []method.Named) (unknown, left string) {
	if slices.EqualFunc(names, all, func(name string, n method.Named) bool { return name == n.Name }) {
		return "", "" // as it mostly is
	}
	names = slices.Clone(names)
	for _, n := range all {
		i := slices.Index(names, n.Name)
		if i < 0 {
			return cmp.Or(n.Name, "(no name)"), ""
		}
		names = slices.Delete(names, i, i+1)
	}
	if len(names) > 0 {
		left = names[0]
	}
	return "", left
}
