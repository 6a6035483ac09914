package actors

import (
	"slices"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// reconcile takes back what a worker was lent and does not hold: the answer to its pull
// was lost.
func (d *desk) reconcile(worker string, held map[coordinator.Key]bool) {
	d.takeBack(d.hold(worker).items, func(x *item) bool { return !held[x.lease.Key] })
}

// renew notes how far a worker's leases have moved. Those that wait in its queue have not.
func (d *desk) renew(b mesh.Beat, until time.Time) {
	for _, s := range b.Steps {
		if _, x := d.item(s.Key); x != nil && x.holder != nil && x.holder.worker == b.Worker && s.Count > x.steps {
			x.steps, x.until = s.Count, until
		}
	}
}

// expire takes back what has stood still for too long.
func (d *desk) expire(now time.Time) {
	var all []*item
	for _, h := range d.lent {
		all = append(all, h.items...)
	}
	d.takeBack(all, func(x *item) bool { return now.After(x.until) })
}

// leave takes back all that a worker has.
func (d *desk) leave(worker string) {
	d.takeBack(d.hold(worker).items, func(*item) bool { return true })
}

// takeBack puts some of what is lent back in front, in participant order.
func (d *desk) takeBack(lent []*item, which func(*item) bool) {
	var back []*item
	for _, x := range lent {
		if which(x) {
			back = append(back, x)
		}
	}
	if len(back) == 0 {
		return
	}
	for _, x := range back {
		d.back(x)
	}
	slices.SortFunc(back, func(a, b *item) int { return a.lease.Key.Whom.Compare(b.lease.Key.Whom) })
	d.todo = append(back, d.todo...)
}

// crashed takes back a lease whose work has crashed so often, all told. It says whether
// that was news.
func (d *desk) crashed(key coordinator.Key, worker string, crashes int) bool {
	_, x := d.item(key)
	if x == nil || crashes <= x.crashes {
		return false
	}
	x.crashes, x.failed = crashes, &failing{worker: worker}
	if x.holder != nil {
		d.back(x)
		d.todo = append([]*item{x}, d.todo...)
	}
	return true
}

// back takes a lease out of its holder's hands.
func (d *desk) back(x *item) {
	has := x.holder.items
	last := len(has) - 1
	has[x.place], has[last].place = has[last], x.place
	has[last] = nil
	x.holder.items, x.holder = has[:last], nil
}

// lentTo is the lease of a participant that some worker has, or nil.
func (d *desk) lentTo(whom method.ID) *item {
	for _, h := range d.lent {
		for _, x := range h.items {
			if x.lease.Key.Whom == whom {
				return x
			}
		}
	}
	return nil
}
