package blob

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// keep adds bytes to a batch.
func keep(b *Batch, content []byte) method.Blob {
	from := b.begin()
	b.content = append(b.content, content...)
	b.item(method.Hash{}, from)
	return b.Name()[0]
}

// Nothing of a batch is lost whose segment goes while its bytes are on their way: it is put
// into the next one, and what was on its way beside it stays where it is.
func TestABatchOutlivesItsSegment(t *testing.T) {
	s := create(t)
	put(t, s, "base")
	next(t, s)
	var b Batch
	first := keep(&b, []byte("first"))
	r, rest, err := s.reserve(b.items)
	if err != nil || len(rest) != 0 {
		t.Fatal(rest, err)
	}
	if err := write(r.file, b.content, r.at); err != nil {
		t.Fatal(err)
	}
	retire(t, s, next(t, s))
	if taken, err := s.enter(r, nil); taken || err != nil || s.Has(first) {
		t.Errorf("a batch of a segment that went is taken: %v, %v", taken, err)
	}
	if r.seg.data != nil {
		t.Error("the file of a segment that went stays open")
	}
	if err := s.PutAll(&b); err != nil {
		t.Fatal(err)
	}
	want(t, s, first, "first")
}

// Who writes beside another has a segment of his own, and shuts it if it is done with meanwhile.
func TestEachBatchShutsItsSegment(t *testing.T) {
	s := create(t)
	next(t, s)
	var a, b Batch
	one, two := keep(&a, []byte("one")), keep(&b, []byte("two"))
	keep(&b, []byte("one")) // which the other batch brings first
	ra, _, err := s.reserve(a.items)
	if err != nil {
		t.Fatal(err)
	}
	rb, _, err := s.reserve(b.items)
	if err != nil || rb.seg == ra.seg {
		t.Fatalf("%v; both write into one segment: %v", err, rb.seg == ra.seg)
	}
	next(t, s)
	for _, x := range []struct {
		run
		content []byte
	}{{ra, a.content}, {rb, b.content}} {
		if x.seg.data == nil {
			t.Fatal("the file is closed before all is in")
		}
		if taken, err := s.enter(x.run, write(x.file, x.content, x.at)); !taken || err != nil {
			t.Fatal(taken, err)
		}
	}
	for _, seg := range []*segment{ra.seg, rb.seg} {
		if seg.data != nil || len(seg.known) != 1 {
			t.Errorf("the file is open: %v; %d blobs are named", seg.data != nil, len(seg.known))
		}
	}
	want(t, s, one, "one")
	want(t, s, two, "two")
}

func TestBatchesWhileGenerationsEnd(t *testing.T) {
	s := create(t)
	next(t, s)
	var putters, ender sync.WaitGroup
	over := make(chan struct{})
	for g := range 4 {
		putters.Go(func() {
			for i := range 60 {
				var b Batch
				text := fmt.Sprint(g, i)
				name := keep(&b, []byte(text))
				for j := range 20 {
					keep(&b, fmt.Append(nil, "common ", i, j))
				}
				release := s.Hold()
				if err := s.PutAll(&b); err != nil {
					t.Error(err)
				}
				if got, err := s.Bytes(name); err != nil || string(got) != text {
					t.Errorf("%q is %q, %v", text, got, err)
				}
				release()
			}
		})
	}
	ender.Go(func() {
		for {
			select {
			case <-over:
				return
			default:
			}
			g, err := s.NewGeneration()
			if err == nil {
				_, err = s.Retire(g, func(method.Blob) bool { return true })
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	putters.Wait()
	close(over)
	ender.Wait()
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	dir := s.dir
	s.Close()
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := again.atlas.used; n != 4*60+60*20 {
		t.Errorf("%d blobs are found again, want %d", n, 4*60+60*20)
	}
}

// What is read from a file of somebody else's is what was written there, and nothing beyond its end.
func TestABatchReadsWhatAnotherWrote(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "spool"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out, in Batch
	name := keep(&out, []byte("across"))
	places, err := out.WriteAt(f, f.Name(), 64)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.ClaimAt(name, f, places[name]); err != nil || in.Claimed() != 1 {
		t.Error(in.Claimed(), err)
	}
	if err := in.Check(func(b method.Blob, content []byte) {
		if b != name || string(content) != "across" {
			t.Errorf("%q: %q", b, content)
		}
	}); err != nil {
		t.Error(err)
	}
	size := in.Len()
	for _, at := range []Handle{{Offset: -64, Length: 6}, {Offset: 64, Length: -1}, {Offset: 64, Length: 7}, {Offset: 1 << 62, Length: 1 << 62}} {
		if err := in.ClaimAt(Name([]byte("beyond")), f, at); err == nil || in.Len() != size || in.Claimed() != 0 {
			t.Errorf("%+v: %v, and %d bytes more", at, err, in.Len()-size)
		}
	}
}

// What can be no name is refused at once.
func TestABatchRefusesWhatIsNoName(t *testing.T) {
	for _, name := range []method.Blob{"", "nameless", Name(nil)[1:], Name(nil) + "0", "X" + Name(nil)[1:]} {
		var b Batch
		if err := b.Claim(name, nil); !errors.Is(err, ErrName) || b.Claimed() != 0 {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// What is called what it is not is found, wherever it stands, and whatever stands beside it.
func TestABatchChecksClaims(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, CheckAtOnce - 1, CheckAtOnce, 2*CheckAtOnce + 3} {
		for bad := -1; bad < n; bad++ {
			var b Batch
			var claimed []method.Blob
			for i := range n {
				content := fmt.Appendf(nil, "content %d", i)
				name := Name(content)
				if i == bad {
					content[0]++
				}
				claimed = append(claimed, name)
				for range 2 {
					if err := b.Claim(name, content); err != nil {
						t.Fatal(err)
					}
				}
			}
			var shown []method.Blob
			err := b.Check(func(name method.Blob, content []byte) {
				if Name(content) == name {
					shown = append(shown, name)
				}
			})
			if bad >= 0 {
				if !errors.Is(err, ErrName) || !strings.Contains(err.Error(), string(claimed[bad])) || len(shown) > 0 {
					t.Errorf("%d of %d is another: %v, and %d are shown", bad, n, err, len(shown))
				}
				continue
			}
			if err != nil || !slices.Equal(shown, claimed) || b.Claimed() != 0 {
				t.Errorf("of %d: %v, shown %q", n, err, shown)
			}
		}
	}
}
