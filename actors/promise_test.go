package actors

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// A promise is found while it counts, by the lane that made it and by no other, and is its name once
// that is kept. What is no promise of the lane is called what it is.
func TestPromises(t *testing.T) {
	one, two := newPromises(1), newPromises(2)
	a, b := one.promise(), one.promise()
	if len(strings.Fields(string(a))) != 1 {
		t.Errorf("%q is more than one word", a)
	}
	if a == b || a == two.promise() || two.name(a) != a || one.name(a) != a {
		t.Fatalf("%q, %q", a, b)
	}
	one.keep([]method.Blob{"A", "B"})
	c := one.promise()
	if strings.ContainsAny(string(a), " \t\n") { // or lists of blobs would have two of it
		t.Errorf("a promise is %q", a)
	}
	if one.name(a) != "A" || one.name(b) != "B" || one.name(c) != c || one.name("x") != "x" || one.name(promised+"z") != promised+"z" {
		t.Errorf("%q, %q, %q", one.name(a), one.name(b), one.name(c))
	}
	one.keep([]method.Blob{"C"})
	one.begin()
	if d := one.promise(); d == a || d == b || d == c || one.name(a) != a || one.name(d) != d {
		t.Errorf("after a new beginning %q is %q, and %q is made", a, one.name(a), d)
	}
}

func numbers(x float32) method.Tensors {
	return method.Tensors{List: []method.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{x}}}}
}

func nameOf(t *testing.T, x method.Tensors) method.Blob {
	t.Helper()
	content, err := safetensors.EncodeTensors(x)
	if err != nil {
		t.Fatal(err)
	}
	return blob.Name(content)
}

// lanes are those on which promises are made: within the coordinator's process, and beside it. Each
// comes with what brings the content of a blob from where the coordinator would look for it.
func lanes(t *testing.T) map[string]func() (lane, func(cart, method.Blob) (method.Tensors, error)) {
	return map[string]func() (lane, func(cart, method.Blob) (method.Tensors, error)){
		"shared": func() (lane, func(cart, method.Blob) (method.Tensors, error)) {
			store, err := blob.Create(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			return shared{store, &sights{}, &atomic.Uint64{}}.lane(), func(_ cart, b method.Blob) (method.Tensors, error) { return store.Open(b) }
		},
		"distant": func() (lane, func(cart, method.Blob) (method.Tensors, error)) {
			s := &spool{dir: t.TempDir(), worker: "w"}
			d := newDistant(context.Background(), nil, mesh.Source{}, s)
			t.Cleanup(func() { _, _ = d.close(), s.close() })
			return d.lane(), func(c cart, b method.Blob) (x method.Tensors, err error) {
				for _, p := range c.parcels() {
					if p.Blob == b {
						content, err := d.reader.Bytes(p.At)
						if err != nil {
							return x, err
						}
						return decoded(b, content)
					}
				}
				return x, blob.ErrUnknown
			}
		},
	}
}

// What a task puts it can open before it is flushed and after, by what Put returned; its name is the
// hash of its bytes, whatever was put beside it, the same twice too; and there it lies.
func TestWhatIsPutIsNamedWhenItIsFlushed(t *testing.T) {
	for name, open := range lanes(t) {
		for n := range 6 {
			lane, look := open()
			for range 2 { // batches of tasks, of which nothing is left in the next
				lane.begin()
				c := lane.cart()
				var put []method.Blob
				for i := range n {
					b, err := c.Put(numbers(float32(i / 2)))
					if err != nil {
						t.Fatal(err)
					}
					put = append(put, b)
					if i == 2 && lane.flush() != nil { // in between, as large blobs have it
						t.Fatal("not flushed")
					}
				}
				check := func(when string) {
					for i, b := range put {
						if x, err := c.Open(b); err != nil || x.List[0].Data[0] != float32(i/2) {
							t.Fatalf("%s, %s, blob %d of %d: %v, %v", name, when, i, n, x, err)
						}
					}
				}
				check("before")
				if err := lane.flush(); err != nil {
					t.Fatal(err)
				}
				check("after")
				for i, b := range put {
					is := lane.name(b)
					if want := nameOf(t, numbers(float32(i/2))); is != want {
						t.Fatalf("%s: blob %d of %d is called %s, and is %s", name, i, n, is, want)
					}
					if x, err := look(c, is); err != nil || x.List[0].Data[0] != float32(i/2) {
						t.Fatalf("%s: blob %d of %d is not where it should be: %v, %v", name, i, n, x, err)
					}
				}
				c.empty()
			}
		}
	}
}

// A task's answer, and what its participant keeps, have names where they had promises, and nothing
// else of them changes.
func TestAnswersHaveNames(t *testing.T) {
	store, err := blob.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	seen := &sights{}
	lane := shared{store, seen, &atomic.Uint64{}}.lane()
	lane.begin()
	c := lane.cart()
	var put [3]method.Blob
	for i := range put {
		if put[i], err = c.Put(numbers(float32(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := lane.flush(); err != nil {
		t.Fatal(err)
	}
	x := task{kept: []method.Named{{Name: "k", Blob: put[2]}}}
	r := method.WorkResponse{Kept: []method.Named{{Name: "k", Blob: put[2]}},
		Reports: []method.Report{{Made: []method.Named{{Name: "m", Blob: put[0]}, {Name: "old", Blob: "old"}}, Began: []method.Named{{Name: "b", Blob: put[1]}}}}}
	x.name(lane, r)
	rep := r.Reports[0]
	for i, got := range []method.Blob{rep.Made[0].Blob, rep.Began[0].Blob, r.Kept[0].Blob, x.kept[0].Blob} {
		if want := nameOf(t, numbers(float32(min(i, 2)))); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
	if rep.Made[1].Blob != "old" {
		t.Errorf("what had a name is called %s", rep.Made[1].Blob)
	}
	told := coordinator.Seen{}
	seen.tell(told, nil, rep.Made[:1]) // by its name; the store is not asked
	if len(told) != 1 {
		t.Error("what was seen in a blob is not known by its name")
	}
}
