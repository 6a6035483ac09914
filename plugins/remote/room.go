package remote

import "github.com/loramesh/loramesh/plugins/method"

// room is memory of a stream that one call after the other uses: fresh memory costs the system more than
// it costs to read into it.
type room struct {
	reports []method.Report // of a batch that was looked at
	listed  []placed
}

// take is room for a batch; give takes it back, once nobody looks at the reports that are in it.
func (r *room) take() []method.Report {
	out := r.reports
	r.reports = nil
	return out
}

// keep takes back where blobs lay, unless it was about many.
func (r *room) keep(listed []placed) {
	if cap(listed) <= 4*maxBatch {
		clear(listed[:cap(listed)])
		r.listed = listed[:0]
	}
}

func (r *room) give(list []method.Report) {
	if cap(list) > cap(r.reports) {
		clear(list)
		r.reports = list[:0]
	}
}
