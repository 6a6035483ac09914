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

// departed is a view of what is gone from the disk.
type departed struct {
	view  view
	epoch int // holds taken up to here keep it; never: until the end
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

// release ends a hold, and lets go of what nobody holds any more.
func (h *holds) release(at int) error {
	if h.out[at]--; h.out[at] == 0 {
		delete(h.out, at)
	}
	return h.letGo()
}

// depart says that what views show is gone, and begins a new epoch: holds from now on keep
// nothing of it.
func (h *holds) depart(views ...departed) error {
	h.gone = append(h.gone, views...)
	h.epoch++
	return h.letGo()
}

// letGo unmaps what departed before the oldest hold.
func (h *holds) letGo() error {
	oldest := never
	for at := range h.out {
		oldest = min(oldest, at)
	}
	var errs []error
	h.gone = slices.DeleteFunc(h.gone, func(d departed) bool {
		if d.epoch == never || d.epoch >= oldest {
			return false
		}
		errs = append(errs, d.view.close())
		return true
	})
	return errors.Join(errs...)
}

// end unmaps all that departed, whoever holds.
func (h *holds) end() error {
	var errs []error
	for _, d := range h.gone {
		errs = append(errs, d.view.close())
	}
	h.gone = nil
	return errors.Join(errs...)
}
