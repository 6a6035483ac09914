package actors

import (
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// turn is the leases of one turn, the reported ones too until all are. So they are found by their
// place, most of them behind the one before: workers report in about the order in which they were lent.
type turn struct {
	number int
	items  []*item // in participant order
	left   int     // of them, those not reported yet
	next   int     // behind the one that was found last
}

// turn is that of a number, new if need be, with room for so many leases more.
func (d *desk) turn(number, more int) *turn {
	i, there := d.find(number)
	if !there {
		d.turns = slices.Insert(d.turns, i, &turn{number: number})
	}
	t := d.turns[i]
	t.items = slices.Grow(t.items, more)
	return t
}

// find is the place of a turn.
func (d *desk) find(number int) (i int, there bool) {
	return slices.BinarySearchFunc(d.turns, number, func(t *turn, n int) int { return t.number - n })
}

// add lays out a lease; those of a turn mostly come in order.
func (t *turn) add(x *item) {
	i := len(t.items)
	if i > 0 && t.items[i-1].compare(x.lease.Key.Whom) > 0 {
		i, _ = slices.BinarySearchFunc(t.items, x.lease.Key.Whom, (*item).compare)
	}
	t.items = slices.Insert(t.items, i, x)
	t.left++
}

func (x *item) compare(id method.ID) int { return x.lease.Key.Whom.Compare(id) }

// item is the lease of a key that has not been reported yet, and its turn; nil: there is none.
func (d *desk) item(key coordinator.Key) (*turn, *item) {
	at, there := d.find(key.Turn)
	if !there {
		return nil, nil
	}
	t := d.turns[at]
	i := t.next
	if i >= len(t.items) || t.items[i].lease.Key.Whom != key.Whom {
		var ok bool
		if i, ok = slices.BinarySearchFunc(t.items, key.Whom, (*item).compare); !ok {
			return nil, nil
		}
	}
	t.next = i + 1
	if t.items[i].done {
		return nil, nil
	}
	return t, t.items[i]
}
