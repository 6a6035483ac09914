package base

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
)

// The number of batches is known before the first is dealt, and tells the schedule where it
// ends; the tokens that were asked for are dealt, and not a sequence more.
func TestBatchesAreCountedBeforeTheyAreDealt(t *testing.T) {
	var all []data.Sequence
	for _, n := range []int{3, 1, 7, 2} {
		all = append(all, data.Sequence{IDs: make([]int32, n), Labels: make([]int32, n)})
	}
	for size := 1; size < 6; size++ {
		for tokens := 1; tokens < 60; tokens++ {
			d := dealer{all: all, size: size, left: tokens, key: rng.New(1)}
			want, got, dealt, last := d.batches(), 0, 0, 0
			for b := d.next(); len(b.IDs) > 0; b = d.next() {
				got++
				for _, ids := range b.IDs {
					last = len(ids)
					dealt += last
				}
			}
			if got != want || dealt < tokens || dealt-last >= tokens {
				t.Errorf("%d tokens in batches of %d: %d batches were foretold, %d came, with %d tokens, the last sequence %d", tokens, size, want, got, dealt, last)
			}
		}
	}
	if d := (dealer{all: all, size: 4, left: 1e12, key: rng.New(1)}); d.batches() < 1e10 {
		t.Errorf("a trillion tokens are %d batches", d.batches())
	}
}
