package coordinator

import (
	"cmp"
	"iter"
	"maps"
	"math/bits"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// Roll keeps a T for each participant that was touched, in pages of neighbours: one that was
// not costs nothing, and one that was no more than its T where its neighbours were touched too.
// The zero value is empty.
type Roll[T any] struct{ pages map[pageOf]page[T] }

// pageOf names a page: so many participants of a pool.
type pageOf struct {
	pool string
	n    uint // those from n·pageSize on
}

type page[T any] struct {
	touched uint16 // a bit for each
	of      *[pageSize]T
}

const pageSize = 16

// Find is what is kept of a participant, or nil. It stays where it is.
func (r *Roll[T]) Find(id method.ID) *T {
	key, i := pageFor(id)
	p := r.pages[key]
	if p.touched>>i&1 == 0 {
		return nil
	}
	return &p.of[i]
}

// At is Find, and touches one that was not.
func (r *Roll[T]) At(id method.ID) *T {
	key, i := pageFor(id)
	p := r.pages[key]
	if p.touched>>i&1 == 1 {
		return &p.of[i]
	}
	if p.of == nil {
		p.of = new([pageSize]T)
	}
	if r.pages == nil {
		r.pages = map[pageOf]page[T]{}
	}
	p.touched |= 1 << i
	r.pages[key] = p
	return &p.of[i]
}

// pageFor says where a participant stands. An index that comes from outside may be any number.
func pageFor(id method.ID) (pageOf, uint) {
	return pageOf{id.Pool, uint(id.Index) / pageSize}, uint(id.Index) % pageSize
}

// Len counts those touched.
func (r *Roll[T]) Len() (n int) {
	for _, p := range r.pages {
		n += bits.OnesCount16(p.touched)
	}
	return n
}

// All goes over those touched, in participant order.
func (r *Roll[T]) All() iter.Seq2[method.ID, *T] {
	return func(yield func(method.ID, *T) bool) {
		order := func(a, b pageOf) int {
			return cmp.Or(cmp.Compare(a.pool, b.pool), cmp.Compare(a.n, b.n))
		}
		for _, key := range slices.SortedFunc(maps.Keys(r.pages), order) {
			p := r.pages[key]
			for i := range p.of {
				if p.touched>>i&1 == 1 && !yield(method.ID{Pool: key.pool, Index: int(key.n)*pageSize + i}, &p.of[i]) {
					return
				}
			}
		}
	}
}
