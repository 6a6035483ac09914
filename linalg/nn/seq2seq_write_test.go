package nn

import (
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/rng"
)

// What an encoder-decoder writes with kept keys and values is what one pass over all of it
// says, bit for bit, with branches on every map, whatever is written beside it.
func TestPairGeneratesAsOnePass(t *testing.T) {
	s := rng.New(31).Stream()
	config, err := Design("t5", Shape{Vocab: 23, Width: 24, Inner: 40, Layers: 2, Heads: 3, KVHeads: 3, Context: 64, Tied: true})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(config, 0.3, s)
	if err != nil {
		t.Fatal(err)
	}
	r := NewRunner(m)
	for _, x := range m.Modules() {
		if x.Name == "embed" {
			continue
		}
		b := &Branch{Module: x.Name, A: make([]float32, 2*x.In), B: make([]float32, 2*x.Out), Rank: 2, Scale: 0.5}
		for _, f := range [][]float32{b.A, b.B} {
			for i := range f {
				f[i] = float32(0.3 * s.Norm())
			}
		}
		if err := r.Attach(b); err != nil {
			t.Fatal(err)
		}
	}
	sources := [][]int32{{3, 1, 4}, {1}, {5, 9, 2, 6, 5, 3, 5}, {7, 7}}
	d := Decode{Tokens: 40, Temperature: 1.5, Stop: []int{2}} // prompts end at different times
	streams := func() (all []*rng.Stream) {
		for i := range sources {
			all = append(all, rng.New(7).At("prompt", i).Stream())
		}
		return all
	}
	all, err := r.Generate(sources, d, streams())
	if err != nil {
		t.Fatal(err)
	}
	lengths := map[int]bool{}
	for i, got := range all {
		lengths[len(got.IDs)] = true
		if err := r.Forward(Batch{IDs: sources[i : i+1], Labels: [][]int32{got.IDs}}); err != nil {
			t.Fatal(err)
		}
		logits, v := r.Logits(nil), m.config.Vocab
		for j, id := range got.IDs {
			nats, _ := kernel.CrossEntropy(logits[j*v:(j+1)*v], int(id))
			if got.LogProbs[j] != -nats {
				t.Fatalf("source %d, token %d: %d at %g; one pass says %g", i, j, id, got.LogProbs[j], -nats)
			}
		}
		alone, err := r.Generate(sources[i:i+1], d, streams()[i:i+1])
		if err != nil || !slices.Equal(alone[0].LogProbs, got.LogProbs) {
			t.Errorf("source %d: alone %+v, %v; in the batch %+v", i, alone, err, got)
		}
	}
	if len(lengths) < 2 {
		t.Error("all prompts end at once: the test shows less than it says")
	}
}
