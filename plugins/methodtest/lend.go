package methodtest

import (
	"iter"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// lend gives reports in a form that tells the store when the loop moves on.
func (t *trial) lend(list []method.Report) method.Reports {
	m, ok := t.store.(*memory)
	if !ok || m.reported == nil {
		return reports{list, func() {}}
	}
	for _, r := range list {
		for _, n := range slices.Concat(r.Made, r.Began) {
			m.reported[n.Blob] = true
		}
	}
	return reports{list, m.moveOn}
}

type reports struct {
	list   []method.Report
	moveOn func()
}

func (r reports) Len() int { return len(r.list) }

func (r reports) All() iter.Seq2[method.Report, error] {
	return func(yield func(method.Report, error) bool) {
		for _, x := range r.list {
			more := yield(x, nil)
			r.moveOn()
			if !more {
				return
			}
		}
	}
}
