package flora

import (
	"iter"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// keepers parts those offered into those who keep a thing and the others.
func keepers(offered []method.Participant, what string) (keeping, others []method.ID) {
	for _, p := range offered {
		if slices.Contains(p.Kept, what) {
			keeping = append(keeping, p.ID)
		} else {
			others = append(others, p.ID)
		}
	}
	return keeping, others
}

// only are the reports on one assignment, where participants do several.
type only struct {
	method.Reports
	name string
}

// Len counts them by a pass.
func (o only) Len() int {
	n := 0
	for _, err := range o.All() {
		if err == nil {
			n++
		}
	}
	return n
}

// All gives them in order, and every error.
func (o only) All() iter.Seq2[method.Report, error] {
	return func(yield func(method.Report, error) bool) {
		for rep, err := range o.Reports.All() {
			if err == nil && rep.Name != o.name {
				continue
			}
			if !yield(rep, err) {
				return
			}
		}
	}
}
