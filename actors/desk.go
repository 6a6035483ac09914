package actors

import (
	"fmt"
	"slices"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// desk is where leases lie: those that wait, and who has the others. It is plain data, and
// the coordinator's alone.
type desk struct {
	turns []*turn             // of which a lease is wanted, the oldest first
	todo  []*item             // those that wait, next first
	lent  map[string]*holding // by worker
	last  lastForm
}

// lastForm is the form of the leases that share their assignments with the last one.
type lastForm struct {
	assign *method.Assignment // the first; nil: that lease has a form of its own
	n      int
	form   *form
}

// holding is what a worker has, in no order.
type holding struct {
	worker string
	items  []*item
}

// smallDesk is how many leases a desk has room for, when there are none.
const smallDesk = 1024

// item is one lease on the desk.
type item struct {
	lease   *coordinator.Lease
	form    *form
	crashes int // that it has caused so far
	done    bool

	holder *holding  // of the worker that has it; nil: it waits
	place  int       // among those that the holder has
	steps  uint64    // that it has moved in the holder's hands
	until  time.Time // when others may have it, unless it moves
	failed *failing  // nil: it never did
}

// failing is where a lease failed last.
type failing struct {
	worker string
	until  time.Time // when that one may have it again, if it is alone
}

// form is what is to be done, by however many.
type form struct {
	work  []byte        // a method.WorkRequest but for whom and draws
	names []method.Blob // that it names
}

// newForm is the form of a lease.
func newForm(work method.WorkRequest) (*form, error) {
	f := &form{}
	for _, a := range work.Assign {
		f.names = append(f.names, method.BlobsIn(a.Recipe)...)
	}
	for _, n := range slices.Concat(work.Kept, work.Sets) {
		f.names = append(f.names, n.Blob)
	}
	work.Whom, work.Draws = method.ID{}, nil
	var err error
	f.work, err = methodpb.MarshalWorkRequest(work)
	return f, err
}

// unform is the way back of a lease's form.
func unform(l mesh.Lease) (method.WorkRequest, error) {
	work, err := methodpb.UnmarshalWorkRequest(l.Work)
	if err == nil && len(work.Assign) != len(l.Draws) {
		err = fmt.Errorf("it has %d assignments and %d draws", len(work.Assign), len(l.Draws))
	}
	work.Whom, work.Draws = l.Key.Whom, l.Draws
	return work, err
}

// open lays out the leases of a turn. Those of earlier turns stay: where rounds do not wait
// for all, they are still wanted. Leases that share their assignments share a form.
func (d *desk) open(leases []coordinator.Lease) error {
	d.todo = slices.Grow(d.todo, len(leases))
	items := make([]item, len(leases))
	var of *turn
	for i := range leases {
		l, x := &leases[i], &items[i]
		x.lease = l
		own := len(l.Work.Assign) == 0 || len(l.Work.Kept)+len(l.Work.Sets) > 0
		if own || d.last.assign != &l.Work.Assign[0] || d.last.n != len(l.Work.Assign) {
			f, err := newForm(l.Work)
			if err != nil {
				return err
			}
			if d.last = (lastForm{form: f}); !own {
				d.last.assign, d.last.n = &l.Work.Assign[0], len(l.Work.Assign)
			}
		}
		x.form = d.last.form
		if of == nil || of.number != l.Key.Turn {
			of = d.turn(l.Key.Turn, len(leases)-i)
		}
		of.add(x)
		d.todo = append(d.todo, x)
	}
	return nil
}

// hold is what a worker has.
func (d *desk) hold(worker string) *holding {
	h := d.lent[worker]
	if h == nil {
		if h = (&holding{worker: worker}); d.lent == nil {
			d.lent = map[string]*holding{}
		}
		d.lent[worker] = h
	}
	return h
}

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

// recall takes leases off the desk that nobody waits for any more.
func (d *desk) recall(keys []coordinator.Key) {
	for _, k := range keys {
		d.done(k)
	}
}

// oldest is the first turn of which a lease is still wanted; 0: none is.
func (d *desk) oldest() int {
	if len(d.turns) == 0 {
		return 0
	}
	return d.turns[0].number
}

// done takes a lease off the desk. Only the first report of it finds it there.
func (d *desk) done(key coordinator.Key) (*item, bool) {
	t, x := d.item(key)
	if x == nil {
		return nil, false
	}
	d.close(t, x)
	return x, true
}

// close takes a lease of a turn off the desk.
func (d *desk) close(t *turn, x *item) {
	x.done = true
	if x.holder == nil {
		d.todo = slices.DeleteFunc(d.todo, func(y *item) bool { return x == y })
	} else {
		d.back(x)
	}
	if t.left--; t.left == 0 {
		d.turns = slices.DeleteFunc(d.turns, func(o *turn) bool { return o == t })
		if len(d.turns) == 0 && cap(d.todo) > smallDesk { // a list does not become smaller by itself
			d.todo = nil
		}
	}
}
