package nn

import (
	"runtime"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// live is the memory in bytes that is in use.
func live() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one found to be finalised
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A model's weights are held once, in the forms that products read: 4 bytes a number, and 4 more of
// linear maps for the way back, however many runners train on it at a time. What a client adds is
// its adapter: value, gradient and the two moments of AdamW.
func TestWeightsAreHeldOnce(t *testing.T) {
	c, err := Design("llama", Shape{Vocab: 400, Width: 256, Inner: 704, Layers: 4, Heads: 4, KVHeads: 4, Context: 16, Tied: true})
	if err != nil {
		t.Fatal(err)
	}
	s := rng.New(1).At("memory").Stream()
	b := Batch{IDs: [][]int32{{1, 2, 3, 4, 5, 6, 7, 8}}, Labels: [][]int32{{1, 2, 3, 4, 5, 6, 7, 8}}}
	at := live()
	grown := func() int {
		now := live()
		n := now - at
		at = now
		return n
	}
	m := randomModel(t, c, s)
	weights := 4 * c.Params()
	if n := grown(); n < weights || n > weights+weights/20 {
		t.Errorf("%d bytes of weights are held in %d", weights, n)
	}

	step := func(r *Runner) (*AdamW, []Param) {
		t.Helper()
		r.Detach()
		_, params := trained(t, r, s)
		o := NewAdamW(0.9, 0.999, 1e-8, 0)
		if _, _, err := r.Learn(b, nil); err != nil {
			t.Fatal(err)
		}
		o.Step(params, 1e-3)
		return o, params
	}
	one := NewRunner(m)
	firstMoments, first := step(one)
	if n := grown(); n > weights+weights/20 {
		t.Errorf("the way back takes %d bytes, the weights %d", n, weights)
	}
	two := NewRunner(m)
	secondMoments, second := step(two)
	if n := grown(); n > weights/8 {
		t.Errorf("a second runner takes %d bytes; %d of weights were to be shared", n, weights)
	}

	// Another client trains where the first did.
	thirdMoments, third := step(one)
	numbers := size(third)
	if n := grown(); n > 4*4*numbers+16<<10 {
		t.Errorf("a client takes %d bytes for %d numbers; expected four times 4 for each, and little else", n, numbers)
	}
	if moments := thirdMoments.Memory(); len(moments.First) != numbers || len(moments.Second) != numbers {
		t.Errorf("moments of %d and %d for %d numbers", len(moments.First), len(moments.Second), numbers)
	}
	runtime.KeepAlive([]any{m, one, two, firstMoments, secondMoments, first, second})
}
