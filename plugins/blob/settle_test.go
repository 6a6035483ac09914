package blob

import (
	"sync"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// What was settled outlives its generation without being moved again.
func TestSettleGoesAhead(t *testing.T) {
	s := create(t)
	base := put(t, s, "base")
	next(t, s)
	lives := put(t, s, "lives")
	dead := put(t, s, "dead")
	view, _ := s.Bytes(lives)
	if err := s.Settle([]method.Blob{base, lives}); err != nil {
		t.Fatal(err)
	}
	if p, _ := s.place(lives); p.seg.generation != 0 || p.seg.listed != 2 || !p.seg.entered {
		t.Errorf("settled in generation %d, %d lines", p.seg.generation, p.seg.listed)
	}
	if string(view) != "lives" || !s.Has(dead) {
		t.Error("settling took something away")
	}
	if got := retire(t, s, next(t, s), lives, base); got.Moved != 0 || got.Dropped != 1 {
		t.Errorf("retired %+v", got)
	}
	want(t, s, lives, "lives")
	if err := s.Settle([]method.Blob{dead}); err == nil {
		t.Error("settled what is gone")
	}
}

// Others put, look and retire while blobs are settled.
func TestSettleBesideOthers(t *testing.T) {
	s := create(t)
	for range 20 {
		g := next(t, s)
		b := put(t, s, "kept")
		var beside sync.WaitGroup
		beside.Go(func() {
			if err := s.Settle([]method.Blob{b}); err != nil {
				t.Error(err)
			}
		})
		for range 50 {
			put(t, s, "young")
			want(t, s, b, "kept")
		}
		beside.Wait()
		retire(t, s, g, b)
		want(t, s, b, "kept")
	}
}
