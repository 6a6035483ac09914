package blob

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReaderSeesWhatTheStoreWrites(t *testing.T) {
	s := create(t)
	r := NewReader()
	defer r.Close()
	for _, content := range []string{"first", "", strings.Repeat("grown ", 5000)} {
		h, err := s.Handle(put(t, s, content))
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Bytes(h)
		if err != nil || string(got) != content {
			t.Errorf("read %.20q, %v; want %.20q", got, err, content)
		}
	}
}

func TestReaderKeepsWhatIsRetired(t *testing.T) {
	s := create(t)
	next(t, s)
	h, _ := s.Handle(put(t, s, "mapped in time"))
	r := NewReader()
	defer r.Close()
	got, err := r.Bytes(h)
	retire(t, s, next(t, s))
	if err != nil || string(got) != "mapped in time" {
		t.Errorf("read %q, %v", got, err)
	}
	if again, err := r.Bytes(h); err != nil || string(again) != "mapped in time" {
		t.Errorf("again %q, %v", again, err)
	}
}

func TestReaderRefusesHandlesThatLie(t *testing.T) {
	s := create(t)
	h, _ := s.Handle(put(t, s, "x"))
	r := NewReader()
	defer r.Close()
	for name, lie := range map[string]Handle{
		"past the end": {h.Segment, 0, 1 << 40},
		"unaligned":    {h.Segment, 1, 0},
		"negative":     {h.Segment, -64, 1},
		"overflow":     {h.Segment, 64, 1<<63 - 1},
		"no file":      {h.Segment + "x", 0, 1},
	} {
		if _, err := r.Bytes(lie); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// What was looked at stays what it is when its memory is given back.
func TestReaderRests(t *testing.T) {
	path := filepath.Join(t.TempDir(), "segment")
	want := bytes.Repeat([]byte("loramesh"), 4096)
	if err := os.WriteFile(path, want, 0o644); err != nil {
		t.Fatal(err)
	}
	r := NewReader()
	got, err := r.Bytes(Handle{Segment: path, Length: int64(len(want))})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Rest(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("other bytes after the rest")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// A segment that grows is mapped once.
func TestReaderFollowsAGrowingSegment(t *testing.T) {
	s := create(t)
	r := NewReader()
	defer r.Close()
	for i := range 50 {
		content := strings.Repeat("x", 1000*i+1)
		h, _ := s.Handle(put(t, s, content))
		if got, err := r.Bytes(h); err != nil || string(got) != content {
			t.Fatalf("%d: %.20q, %v", i, got, err)
		}
	}
	if n := len(r.old); len(r.views) != 1 || n != 0 {
		t.Errorf("%d views of one segment, %d older ones", len(r.views), n)
	}
}

// What is gone from the disk is let go of once nobody who may look at it is left.
func TestReaderForgets(t *testing.T) {
	s := create(t)
	next(t, s)
	h, _ := s.Lend(put(t, s, "gone soon"))
	r := NewReader()
	defer r.Close()
	release := r.Hold()
	got, err := r.Bytes(h)
	if err != nil {
		t.Fatal(err)
	}
	retire(t, s, next(t, s))
	stays, _ := s.Handle(put(t, s, "here"))
	if _, err := r.Bytes(stays); err != nil {
		t.Fatal(err)
	}
	if err := r.Forget(); err != nil || string(got) != "gone soon" || len(r.holds.gone) != 1 {
		t.Errorf("%v: %q, %d views wait", err, got, len(r.holds.gone))
	}
	later := r.Hold() // of no concern to what went before
	release()
	release()
	if err := r.Forget(); err != nil {
		t.Fatal(err)
	}
	if len(r.holds.gone) != 0 || len(r.views) != 1 {
		t.Errorf("%d views wait, %d are mapped by their paths", len(r.holds.gone), len(r.views))
	}
	if _, err := r.Bytes(h); err == nil {
		t.Error("what is gone was found")
	}
	later()
}

// Memory that is given back later does not get into the way of a new file in the old one's place.
func TestReaderLeaves(t *testing.T) {
	s := create(t)
	next(t, s)
	old, _ := s.Lend(put(t, s, "old"))
	r := NewReader()
	defer r.Close()
	if _, err := r.Bytes(old); err != nil {
		t.Fatal(err)
	}
	if r.Leave() != nil {
		t.Error("left what is there")
	}
	retire(t, s, next(t, s))
	other, _ := s.Handle(put(t, s, "new"))
	if err := os.Rename(other.Segment, old.Segment); err != nil {
		t.Fatal(err)
	}
	free := r.Leave()
	at := Handle{Segment: old.Segment, Offset: other.Offset, Length: other.Length}
	got, err := r.Bytes(at)
	if free == nil || err != nil {
		t.Fatal(free == nil, err)
	}
	if err := free(); err != nil || string(got) != "new" {
		t.Errorf("%q, %v", got, err)
	}
}
