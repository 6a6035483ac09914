package blob

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

func next(t *testing.T, s *Store) int {
	t.Helper()
	g, err := s.NewGeneration()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func retire(t *testing.T, s *Store, before int, alive ...method.Blob) Retired {
	t.Helper()
	out, err := s.Retire(before, func(b method.Blob) bool {
		s.Has(b) // no lock is held
		for _, a := range alive {
			if a == b {
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRetireMovesTheLivingAndRemovesTheRest(t *testing.T) {
	s := create(t)
	base := put(t, s, "base")
	next(t, s)
	dead, lives := put(t, s, "dead"), put(t, s, "lives")
	g := next(t, s)
	young := put(t, s, "young")

	got := retire(t, s, g, base, lives)
	if got != (Retired{Moved: 1, MovedBytes: 5, Dropped: 1, DroppedBytes: 4}) {
		t.Errorf("retired %+v", got)
	}
	want(t, s, base, "base")
	want(t, s, lives, "lives")
	want(t, s, young, "young")
	if s.Has(dead) || files(t, s) != 2 {
		t.Errorf("dead is there: %v; %d segments, want 2", s.Has(dead), files(t, s))
	}
	s.Close()
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	want(t, again, lives, "lives")
	want(t, again, young, "young")
	if again.Has(dead) {
		t.Error("the dead came back")
	}
}

func TestTheNewestGenerationStays(t *testing.T) {
	s := create(t)
	g := next(t, s)
	if _, err := s.Retire(g+1, func(method.Blob) bool { return false }); err == nil {
		t.Error("retired what is being written")
	}
}

// Work in flight may make again what an old generation holds, before anyone names it.
func TestPutAgainCountsAsAlive(t *testing.T) {
	s := create(t)
	next(t, s)
	b := put(t, s, "again")
	g := next(t, s)
	put(t, s, "again")
	if got := retire(t, s, g); got.Moved != 1 {
		t.Errorf("retired %+v", got)
	}
	want(t, s, b, "again")
}

func TestHalfDeadLongLivedSegmentsAreRewritten(t *testing.T) {
	s := create(t)
	large := put(t, s, strings.Repeat("l", SegmentBytes*3/4))
	small := put(t, s, "small")
	rest := put(t, s, strings.Repeat("r", SegmentBytes/2)) // a second segment
	view, _ := s.Bytes(small)
	if got := retire(t, s, 0, small, rest); got.Moved != 0 {
		t.Errorf("retired %+v although nothing may end before generation 0", got)
	}
	g := next(t, s)
	if got := retire(t, s, g, small, rest); got.Moved != 1 || got.Dropped != 1 {
		t.Errorf("retired %+v", got)
	}
	if s.Has(large) || files(t, s) != 1 {
		t.Errorf("%d segments, want 1", files(t, s))
	}
	want(t, s, small, "small")
	if string(view) != "small" { // valid until Close
		t.Error("an old view changed")
	}
}

// A segment that cannot be shut keeps no other, nor itself, from going.
func TestOneFaultKeepsNoOtherSegment(t *testing.T) {
	s := create(t)
	put(t, s, "base")
	for _, name := range []string{"first", "second"} {
		next(t, s)
		put(t, s, name)
	}
	g := next(t, s)
	closed, err := os.Open(s.segments[1].path)
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	s.segments[1].data = closed
	out, err := s.Retire(g, func(method.Blob) bool { return false })
	if !errors.Is(err, os.ErrClosed) || out.Dropped != 2 {
		t.Errorf("%d blobs went, with %v", out.Dropped, err)
	}
	if files(t, s) != 1 || len(s.holds.gone) != 0 {
		t.Errorf("%d segments, want 1; %d views are left", files(t, s), len(s.holds.gone))
	}
}

func TestHoldKeepsViews(t *testing.T) {
	s := create(t)
	next(t, s)
	b := put(t, s, "looked at")
	release := s.Hold()
	view, _ := s.Bytes(b)
	retire(t, s, next(t, s))
	if string(view) != "looked at" || len(s.holds.gone) != 1 {
		t.Errorf("the view is %q, %d views wait", view, len(s.holds.gone))
	}
	later := s.Hold() // began after the retirement: of no concern to it
	release()
	release()
	retire(t, s, s.Generation())
	if len(s.holds.gone) != 0 {
		t.Error("the view outlives its hold")
	}
	later()
	if len(s.holds.out) != 0 {
		t.Errorf("holds left: %v", s.holds.out)
	}
}

// A generation that holds little goes on; the first, which is never retired, does not.
func TestNextGenerationWaitsForGrowth(t *testing.T) {
	s, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put := func(n int, first byte) method.Blob {
		content := make([]byte, n)
		content[0] = first
		b, err := s.PutBytes(content)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	next := func(want int) {
		if got, err := s.NextGeneration(); err != nil || got != want || s.Generation() != want {
			t.Fatalf("generation %d (%v), expected %d", got, err, want)
		}
	}
	base := put(100, 1)
	next(1)
	small := put(100, 2)
	next(1)
	if r, err := s.Retire(1, func(method.Blob) bool { return false }); err != nil || r != (Retired{}) || !s.Has(small) {
		t.Fatalf("the present generation was touched: %+v %v", r, err)
	}
	large := put(GenerationBytes, 3)
	next(2)
	next(2)
	if r, err := s.Retire(2, func(b method.Blob) bool { return b == small }); err != nil || r.Moved != 1 || r.Dropped != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	if !s.Has(base) || !s.Has(small) || s.Has(large) {
		t.Error("the wrong blobs went")
	}
}
