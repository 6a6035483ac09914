package blob

import (
	"bytes"
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

// What is read from a file of somebody else's is what was written there, as much at once as lies
// together, and nothing beyond its end.
func TestABatchReadsWhatAnotherWrote(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "spool"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out, in Batch
	var all []Lying
	for i := range 10 {
		all = append(all, Lying{Blob: keep(&out, bytes.Repeat([]byte{byte(i)}, 100+i))})
	}
	places, err := out.WriteAt(f, f.Name(), 64)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].At = places[all[i].Blob]
	}
	if _, err := f.WriteAt([]byte{'x'}, 64+127); err != nil { // what lay there before, behind the first
		t.Fatal(err)
	}
	all[6], all[7] = all[7], all[6] // 6 and 7 each begin anew, and so does 8
	all = append(all, all[8], all[9])
	var taken []int
	for rest := all; len(rest) > 0; rest = rest[taken[len(taken)-1]:] {
		n, err := in.ClaimAt(f, rest, 300)
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, n)
	}
	if want := []int{3, 3, 1, 1, 2, 2}; !slices.Equal(taken, want) { // three of 128 bytes are more than 300
		t.Errorf("%v were taken together, want %v", taken, want)
	}
	var shown []method.Blob
	if err := in.Check(func(b method.Blob, content []byte) {
		if Name(content) != b {
			t.Errorf("%q: %q", b, content)
		}
		shown = append(shown, b)
	}); err != nil {
		t.Error(err)
	}
	for i := range 10 {
		if len(shown) != 10 || shown[i] != all[i].Blob {
			t.Fatalf("%q were shown", shown)
		}
	}
	if bytes.IndexByte(in.content, 'x') >= 0 {
		t.Error("what lies between two blobs came along")
	}
	beyond, size := Name([]byte("beyond")), in.Len()
	for _, wrong := range [][]Lying{{{beyond, Handle{Offset: -64, Length: 6}}}, {{beyond, Handle{Offset: 64, Length: -1}}}, {{beyond, Handle{Offset: 64, Length: 1262}}},
		{{beyond, Handle{Offset: 1 << 62, Length: 1 << 62}}}, {all[0], {beyond, Handle{Offset: 192, Length: -1}}}, {all[0], {beyond, Handle{Offset: 192, Length: 1150}}}, {{"beyond", Handle{Offset: 64, Length: 1}}}} {
		if _, err := in.ClaimAt(f, wrong, 300); err == nil || in.Len() != size {
			t.Errorf("%+v: %v, and %d bytes more", wrong, err, in.Len()-size)
		}
	}
	if n, err := in.ClaimAt(f, all[:1], 300); n != 1 || err != nil || in.Len() != size {
		t.Errorf("what is there already: %d, %v, and %d bytes more", n, err, in.Len()-size)
	}
	if err := in.Check(func(b method.Blob, _ []byte) { t.Errorf("%q was claimed", b) }); err != nil {
		t.Error(err)
	}
}

// Those that do not begin where blobs do are each read by themselves: one behind the other they would
// lie as askew in the batch.
func TestABatchSetsBlobsRight(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "spool"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(strings.Repeat("x", 300)); err != nil {
		t.Fatal(err)
	}
	var b Batch
	askew := []Lying{{Name([]byte("x")), Handle{Offset: 1, Length: 1}}, {Name([]byte("xx")), Handle{Offset: 64, Length: 2}}}
	for rest := askew; len(rest) > 0; {
		n, err := b.ClaimAt(f, rest, 300)
		if err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	for _, x := range b.items {
		if x.from%align != 0 {
			t.Errorf("one lies at %d", x.from)
		}
	}
}

// What can be no name is refused at once.
func TestABatchRefusesWhatIsNoName(t *testing.T) {
	for _, name := range []method.Blob{"", "nameless", Name(nil)[1:], Name(nil) + "0", "X" + Name(nil)[1:]} {
		var b Batch
		if err := b.Claim(name, nil); !errors.Is(err, ErrName) || len(b.items) != 0 {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// What is called what it is not is found, wherever it stands, and whatever stands beside it.
func TestABatchChecksClaims(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 5, 16, 17, 35} {
		for bad := -1; bad < n; bad++ {
			var b Batch
			var claimed []method.Blob
			for i := range n {
				content := fmt.Appendf(nil, "content %02d", i)
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
			if err != nil || !slices.Equal(shown, claimed) {
				t.Errorf("of %d: %v, shown %q", n, err, shown)
			}
		}
	}
}
