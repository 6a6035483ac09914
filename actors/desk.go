package actors

import (
	"slices"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// desk is where leases lie: those that wait, and who has the others. It is plain data, and
// the coordinator's alone.
type desk struct {
	turns []*turn             // of which a lease is wanted, the oldest first
	todo  []*item             // those that wait, next first
	lent  map[string]*holding // by worker
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

// open lays out the leases of a turn. Those of earlier turns stay: where rounds do not wait
// for all, they are still wanted. Leases that ask the same share a form.
func (d *desk) open(leases []coordinator.Lease) error {
	d.todo = slices.Grow(d.todo, len(leases))
	items, forms := make([]item, len(leases)), map[*method.WorkRequest]*form{}
	var of *turn
	for i := range leases {
		l, x := &leases[i], &items[i]
		x.lease = l
		x.form = forms[l.Asked]
		if x.form == nil {
			f, err := newForm(*l.Asked)
			if err != nil {
				return err
			}
			x.form, forms[l.Asked] = f, f
		}
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
