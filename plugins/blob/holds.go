package blob

import (
	"errors"
	"slices"
)

// holds keeps views that have departed in memory for as long as somebody who took hold
// before may look at them. Whoever has one guards it by a lock of its own.
type holds struct {
	out   map[int]int // by epoch: how many are out
	epoch int
	gone  []departed // perhaps still looked at
}

// departed is a view of what is gone from the disk, or put aside there.
type departed struct {
	view  view
	epoch int    // holds taken up to here keep it; never: until the end
	spare string // path of its file, which may be written over once nobody looks; "": it is gone
}

const never = int(^uint(0) >> 1)

// take begins a hold.
func (h *holds) take() (at int) {
	if h.out == nil {
		h.out = map[int]int{}
	}
	h.out[h.epoch]++
	return h.epoch
}

// release ends a hold. What it kept goes with the next letGo: who holds is in a hurry.
func (h *holds) release(at int) {
	if h.out[at]--; h.out[at] == 0 {
		delete(h.out, at)
	}
}

// depart says that what views show is gone, and begins a new epoch: holds from now on keep
// nothing of it.
func (h *holds) depart(views ...departed) {
	h.gone = append(h.gone, views...)
	h.epoch++
}

// letGo is what departed before the oldest hold. What is no spare is to be unmapped, which needs no
// lock, and takes a millisecond where nobody else has a file of which nothing is left but the view.
func (h *holds) letGo() (free views) {
	oldest := never
	for at := range h.out {
		oldest = min(oldest, at)
	}
	h.gone = slices.DeleteFunc(h.gone, func(d departed) bool {
		if d.epoch == never || d.epoch >= oldest {
			return false
		}
		free = append(free, d)
		return true
	})
	return free
}

// end is all that departed, whoever holds.
func (h *holds) end() (free views) {
	free, h.gone = h.gone, nil
	return free
}

// views are to be unmapped.
type views []departed

func (all views) close() error {
	var errs []error
	for _, d := range all {
		errs = append(errs, d.view.close())
	}
	return errors.Join(errs...)
}
