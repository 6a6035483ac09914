package blob

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// Nothing of a batch is lost whose segment goes while its bytes are on their way: it is put
// into the next one, and what was on its way beside it stays where it is.
func TestABatchOutlivesItsSegment(t *testing.T) {
	s := create(t)
	put(t, s, "base")
	next(t, s)
	var b Batch
	first := b.PutBytes([]byte("first"))
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
	one, two := a.PutBytes([]byte("one")), b.PutBytes([]byte("two"))
	b.PutBytes([]byte("one")) // which the other batch brings first
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
		if seg.data != nil || seg.named != 1 {
			t.Errorf("the file is open: %v; %d blobs are named", seg.data != nil, seg.named)
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
				name := b.PutBytes([]byte(text))
				for j := range 20 {
					b.PutBytes(fmt.Append(nil, "common ", i, j))
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
	if n := len(again.places); n != 4*60+60*20 {
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
	name := out.PutBytes([]byte("across"))
	places, err := out.WriteAt(f, f.Name(), 64)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := in.ReadAt(f, places[name]); got != name || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	size := in.Len()
	for _, at := range []Handle{{Offset: -64, Length: 6}, {Offset: 64, Length: -1}, {Offset: 64, Length: 7}, {Offset: 1 << 62, Length: 1 << 62}} {
		if got, err := in.ReadAt(f, at); err == nil || in.Len() != size {
			t.Errorf("%+v: %q, and %d bytes more", at, got, in.Len()-size)
		}
	}
}
