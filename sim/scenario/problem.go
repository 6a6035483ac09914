package scenario

import (
	"cmp"
	"fmt"
	"slices"
)

// Position is a place in what the user gave: line and column of a file, counted from 1,
// or, with Line 0, a whole argument such as "--set seed=x".
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Problem is one thing wrong in a scenario, as its author should read it.
type Problem struct {
	File         string // file name, or the --set argument when Line is 0
	Line, Column int    // from 1
	Path         string // "population.client.rank"; empty: the file as a whole
	Text         string // what was expected, what was found, and a suggestion
}

// String is the line that a terminal shows: place, then text. Editors jump to it.
func (p Problem) String() string {
	return Position{p.File, p.Line, p.Column}.String() + ": " + p.Text
}

// Error makes a single problem usable as an error.
func (p Problem) Error() string { return p.String() }

// SortProblems puts problems in the order of the file, --set arguments after it, and
// drops those that say the same of the same place.
func SortProblems(ps []Problem) []Problem {
	ps = slices.Clone(ps)
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(min(b.Line, 1), min(a.Line, 1)), // lines before arguments
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(ps, func(p Problem) bool {
		key := p.String()
		defer func() { seen[key] = true }()
		return seen[key]
	})
}
