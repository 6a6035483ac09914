package actors

import (
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// taking is what a worker may have.
type taking struct {
	worker string
	alone  bool // there is no other
	now    time.Time
	want   int
	held   map[coordinator.Key]bool
	warm   func(*item) bool // whether its participant may be awake at another worker
	until  time.Time
}

// take hands out waiting leases, as many as are wanted and fit into one message, but at
// least one. Those that another worker could do better are taken last, and those that failed on
// this one only if there is no other.
func (d *desk) take(t taking) (out []*item) {
	size := 0
	h := d.hold(t.worker)
	var last *form
	for _, choosy := range []bool{true, false} {
		rest := d.todo[:0]
		for i, x := range d.todo {
			n := leaseBytes
			if x.form != last {
				n += len(x.form.work)
			}
			if len(out) >= t.want || len(out) > 0 && size+n > bulkBytes {
				rest = append(rest, d.todo[i:]...)
				break
			}
			here := x.failed != nil && x.failed.worker == t.worker
			if here && (choosy || !t.alone || t.now.Before(x.failed.until)) || choosy && t.warm(x) || t.held[x.lease.Key] {
				rest = append(rest, x)
				continue
			}
			x.holder, x.steps, x.until = h, 0, t.until
			x.place = len(h.items)
			h.items = append(h.items, x)
			out, size, last = append(out, x), size+n, x.form
		}
		clear(d.todo[len(rest):])
		d.todo = rest
	}
	return out
}

// leaseBytes is about what a lease takes in a message, beside its form.
const leaseBytes = 64

// bulkBytes bounds the work that is lent or reported in one message, so that most need no
// parts.
const bulkBytes = mesh.PartBytes * 3 / 4
