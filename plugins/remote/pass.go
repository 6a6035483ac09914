package remote

import (
	"iter"

	"github.com/loramesh/loramesh/plugins/method"
)

// pass is one loop of the plugin over the reports.
type pass struct {
	next func() (method.Report, error, bool) // nil: it is not taken in batches
	stop func()
	size int // of the next batch: small at first, for loops that are left early
	over bool
}

// some are the next reports of a pass. One for which a single batch is enough is a plain loop: to
// be taken out of it for each report costs about as much as the report.
func (p *pass) some(all method.Reports) iter.Seq2[method.Report, error] {
	switch {
	case p.over:
		return func(func(method.Report, error) bool) {}
	case p.next == nil && all.Len() <= p.size:
		p.over = true
		return all.All()
	case p.next == nil:
		p.next, p.stop = iter.Pull2(all.All())
	}
	return func(yield func(method.Report, error) bool) {
		for range p.size {
			r, err, more := p.next()
			if p.over = !more; !more || !yield(r, err) {
				return
			}
		}
	}
}

// end is when nobody goes on with it.
func (p *pass) end() {
	if p.over = true; p.stop != nil {
		p.stop()
	}
}
