// Package builtin is the list of the methods that come with the program: what goes in is
// a name, what comes out is the method. Nobody else imports a method, so adding one to
// the program is one line here.
//
// Methods come in sets, one for each package of plugins; a set is what one plugin process
// serves. The package refuses to know where a method will run.
package builtin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/ailora"
	"github.com/loramesh/loramesh/plugins/flora"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/null"
	"github.com/loramesh/loramesh/plugins/routing"
)

// Set is a package of methods, by the name under which it is served.
type Set struct {
	Name    string
	Methods []method.Method
}

// Sets are all sets, by name.
func Sets() []Set {
	return []Set{
		{"ailora", ailora.Set()},
		{"flora", flora.Set()},
		{"routing", routing.Set()},
	}
}

// Null is a set that is served as any other and listed nowhere: its method learns nothing,
// and is there to measure by.
func Null() Set { return Set{null.Name, []method.Method{null.Method()}} }

// OpenSet returns the set of that name.
func OpenSet(name string) (Set, error) {
	if n := Null(); name == n.Name {
		return n, nil
	}
	var names []string
	for _, s := range Sets() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Set{}, unknown("set", name, names)
}

// Names lists all methods, by name.
func Names() []string {
	var names []string
	for _, s := range Sets() {
		for _, m := range s.Methods {
			names = append(names, m.Describe().Name)
		}
	}
	slices.Sort(names)
	return names
}

// Open returns the method of that name, in this process.
func Open(name string) (method.Method, error) {
	m, _, err := find(name)
	return m, err
}

// SetOf is the name of the set that serves the method.
func SetOf(name string) (string, error) {
	_, set, err := find(name)
	return set, err
}

func find(name string) (method.Method, string, error) {
	for _, s := range Sets() {
		for _, m := range s.Methods {
			if m.Describe().Name == name {
				return m, s.Name, nil
			}
		}
	}
	return nil, "", unknown("method", name, Names())
}

func unknown(what, name string, known []string) error {
	text := fmt.Sprintf("there is no %s %q", what, name)
	if near := nearest(name, known); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("%s (built in: %s)", text, strings.Join(known, ", "))
}
