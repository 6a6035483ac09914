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
	"unsafe"

	"github.com/loramesh/loramesh/plugins/method"
)

func create(t *testing.T) *Store {
	t.Helper()
	s, err := Create(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, s *Store, content string) method.Blob {
	t.Helper()
	b, err := s.PutBytes([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func want(t *testing.T, s *Store, b method.Blob, content string) {
	t.Helper()
	got, err := s.Bytes(b)
	if err != nil || string(got) != content {
		t.Fatalf("blob %.8s is %.20q, %v; want %.20q", b, got, err, content)
	}
}

// files counts the segments on the disk.
func files(t *testing.T, s *Store) int {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(s.dir, "*.seg"))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestNamesAreSHA256(t *testing.T) {
	s := create(t)
	if got := put(t, s, "abc"); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("the blob of abc is %s", got)
	}
}

func TestBytesAreAlignedViewsOfTheFile(t *testing.T) {
	s := create(t)
	for i := range 50 {
		content := strings.Repeat("x", i*7)
		b := put(t, s, content)
		want(t, s, b, content)
		view, _ := s.Bytes(b)
		if len(view) > 0 && uintptr(unsafe.Pointer(&view[0]))%align != 0 {
			t.Errorf("a view of %d bytes begins at %p", len(view), &view[0])
		}
		h, err := s.Handle(b)
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(h.Segment)
		if err != nil || string(file[h.Offset:h.Offset+h.Length]) != content {
			t.Errorf("the handle of %d bytes does not lead to them: %v", len(content), err)
		}
	}
}

func TestKnownContentIsNotWrittenTwice(t *testing.T) {
	s := create(t)
	b := put(t, s, "once")
	end := s.writing[0][0].end
	if put(t, s, "once") != b || s.writing[0][0].end != end {
		t.Error("the segment grew")
	}
}

func TestUnknownBlob(t *testing.T) {
	s := create(t)
	if _, err := s.Bytes("feed"); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "feed") {
		t.Errorf("got %v", err)
	}
	if _, err := s.Handle(""); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v", err)
	}
	if s.Has("feed") {
		t.Error("has what it has not")
	}
}

func TestTensorsComeBackWithTheirOrder(t *testing.T) {
	s := create(t)
	in := method.Tensors{Meta: map[string]string{"kind": "adapter"}, List: []method.Tensor{
		{Name: "b", Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}},
		{Name: "a", Shape: []int{1}, Data: []float32{7}},
	}}
	b, err := s.Put(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	if string(method.Canonical(in)) != string(method.Canonical(out)) {
		t.Errorf("put %s, got %s", method.Canonical(in), method.Canonical(out))
	}
	slices.Reverse(in.List)
	if other, _ := s.Put(in); other == b {
		t.Error("order is no part of the hash")
	}
	raw := put(t, s, "no tensors at all")
	if _, err := s.Open(raw); err == nil || !strings.Contains(err.Error(), string(raw)) {
		t.Errorf("nonsense opens as tensors: %v", err)
	}
}

func TestSegmentsAreFull(t *testing.T) {
	s := create(t)
	chunk := bytes.Repeat([]byte{1}, 9<<20)
	var all []method.Blob
	for i := range 5 {
		chunk[0] = byte(i)
		b, err := s.PutBytes(chunk)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	big, err := s.PutBytes(make([]byte, SegmentBytes+100))
	if err != nil {
		t.Fatal(err)
	}
	if got := files(t, s); got != 3 {
		t.Errorf("%d segments for five blobs of 9 MiB and one of 32 MiB + 100, want 3", got)
	}
	for _, b := range append(all, big) {
		if view, err := s.Bytes(b); err != nil || Name(view) != b {
			t.Errorf("blob %.8s is not itself: %v", b, err)
		}
	}
}

func TestOpenFindsEverythingAndGoesOn(t *testing.T) {
	s := create(t)
	a := put(t, s, "long-lived")
	if _, err := s.NewGeneration(); err != nil {
		t.Fatal(err)
	}
	b := put(t, s, "of the round")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(s.dir); err == nil {
		t.Error("created over a store")
	}
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	want(t, again, a, "long-lived")
	want(t, again, b, "of the round")
	c := put(t, again, "more")
	want(t, again, c, "more")
	if again.generation != 1 || files(t, again) != 3 {
		t.Errorf("generation %d, %d segments", again.generation, files(t, again))
	}
	if err := again.Verify(); err != nil {
		t.Error(err)
	}
}

func TestConcurrentPuts(t *testing.T) {
	s := create(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				content := fmt.Sprint(i % 100) // everyone writes the same
				b, err := s.PutBytes([]byte(content))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := s.Bytes(b); err != nil || string(got) != content {
					t.Errorf("goroutine %d reads %q, %v", g, got, err)
				}
			}
		})
	}
	wg.Wait()
	if s.atlas.used != 100 {
		t.Errorf("%d blobs, want 100", s.atlas.used)
	}
}

// A batch is stored as its blobs are one by one, over as many segments as it takes.
func TestABatchIsItsBlobs(t *testing.T) {
	s := create(t)
	known := put(t, s, "known")
	next(t, s)
	large := strings.Repeat("l", SegmentBytes/2)
	texts := []string{"a", "", large, "known", large + "m", "b", "a", "c"}
	var b Batch
	var names []method.Blob
	for _, x := range texts {
		names = append(names, keep(&b, []byte(x)))
	}
	if content, ok := b.Bytes(names[5]); !ok || string(content) != "b" {
		t.Errorf("before it is stored b is %q", content)
	}
	if err := s.PutAll(&b); err != nil {
		t.Fatal(err)
	}
	for i, x := range texts {
		want(t, s, names[i], x)
	}
	if p, _ := s.place(known); names[3] != known || p.seg.generation != 0 || int(p.put) != s.generation {
		t.Errorf("what was known is %+v", p)
	}
	b.Reset()
	tensors := method.Tensors{List: []method.Tensor{{Name: "x", Shape: []int{2}, Data: []float32{1, 2}}}}
	for range 2 {
		if err := b.Add(tensors); err != nil {
			t.Fatal(err)
		}
	}
	now := b.Name()
	if err := s.PutAll(&b); err != nil {
		t.Fatal(err)
	}
	if direct, _ := s.Put(tensors); len(now) != 2 || now[0] != direct || now[1] != direct {
		t.Errorf("tensors that were added twice are %q in a batch and %s alone", now, direct)
	}
	dir := s.dir
	s.Close()
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for i, x := range texts {
		want(t, again, names[i], x)
	}
}

// Whoever goes over more than memory should hold finds every blob what it was, and what was
// looked at is counted anew.
func TestStoreRests(t *testing.T) {
	s := create(t)
	content := bytes.Repeat([]byte("loramesh"), SegmentBytes/16)
	var names []method.Blob
	for i := range 4 { // two to a segment
		content[0] = byte(i)
		b, err := s.PutBytes(content)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, b)
	}
	for i, b := range slices.Concat(names, names) {
		content[0] = byte(i % 4)
		if got, err := s.Bytes(b); err != nil || !bytes.Equal(got, content) {
			t.Fatalf("blob %d is other bytes: %v", i, err)
		}
		if s.looked.Load() >= restBytes {
			t.Errorf("%d bytes were looked at since memory was given back", s.looked.Load())
		}
	}
}

func TestFilesAreHashedAsBlobsAreNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, n := range []int{0, 1, 100_000} { // more than is read at once
		content := bytes.Repeat([]byte("x"), n)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := HashFile(path); err != nil || method.Blob(got) != Name(content) {
			t.Errorf("a file of %d bytes has hash %.8s, %v; want %.8s", n, got, err, Name(content))
		}
	}
	if _, err := HashFile(path + ".gone"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
