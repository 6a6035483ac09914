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
		return method.ReportList(list)
	}
	for _, r := range list {
		for _, n := range slices.Concat(r.Made, r.Began) {
			m.reported[n.Blob] = true
		}
	}
	return reports{list, m.moveOn}
}

type reports struct {
	method.ReportList
	moveOn func()
}

func (r reports) All() iter.Seq2[method.Report, error] {
	return func(yield func(method.Report, error) bool) {
		for x, err := range r.ReportList.All() {
			more := yield(x, err)
			r.moveOn()
			if !more {
				return
			}
		}
	}
}
