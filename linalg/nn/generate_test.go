package nn

import (
	"math"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Keys and values that are kept change nothing, nor do other prompts: each token is what
// one pass over the whole text says, bit for bit, with branches attached.
func TestGenerateEqualsOnePass(t *testing.T) {
	s := rng.New(20).Stream()
	m := randomModel(t, small(false), s)
	r := NewRunner(m)
	trained(t, r, s)
	prompts := [][]int32{{3, 1, 4}, {1}, {5, 9, 2, 6, 5, 3, 5}}
	all, err := r.Generate(prompts, Decode{Tokens: 40}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range all {
		text := append(slices.Clone(prompts[i]), got.IDs...)
		if err := r.Forward(Batch{IDs: [][]int32{text}}); err != nil {
			t.Fatal(err)
		}
		logits, v := r.Logits(nil), m.config.Vocab
		for j, id := range got.IDs {
			row := logits[(len(prompts[i])-1+j)*v:][:v]
			nats, _ := kernel.CrossEntropy(row, int(id))
			if kernel.ArgMax(row) != int(id) || got.LogProbs[j] != -nats {
				t.Fatalf("prompt %d, token %d: %d at %g; one pass says %d at %g", i, j, id, got.LogProbs[j], kernel.ArgMax(row), -nats)
			}
		}
	}
}

// A prompt's draws are its own: what it becomes does not depend on its neighbours.
func TestSamplingAloneEqualsInBatch(t *testing.T) {
	s := rng.New(22).Stream()
	r := NewRunner(randomModel(t, small(true), s))
	prompts := [][]int32{{3, 1}, {4}, {1, 5, 9}}
	streams := func() (all []*rng.Stream) {
		for i := range prompts {
			all = append(all, rng.New(7).At("prompt", i).Stream())
		}
		return all
	}
	d := Decode{Tokens: 12, Temperature: 1, TopK: 6, Stop: []int{2}}
	all, err := r.Generate(prompts, d, streams())
	if err != nil {
		t.Fatal(err)
	}
	for i := range prompts {
		alone, err := r.Generate(prompts[i:i+1], d, streams()[i:i+1])
		if err != nil || !slices.Equal(alone[0].IDs, all[i].IDs) || !slices.Equal(alone[0].LogProbs, all[i].LogProbs) {
			t.Errorf("prompt %d: alone %+v, %v; in the batch %+v", i, alone, err, all[i])
		}
	}
}

func TestGenerateStops(t *testing.T) {
	s := rng.New(21).Stream()
	r := NewRunner(randomModel(t, small(false), s))
	one := func(d Decode) (c Continuation, err error) {
		all, err := r.Generate([][]int32{{1}}, d, nil)
		if err == nil {
			c = all[0]
		}
		return c, err
	}
	free, err := one(Decode{Tokens: 10})
	if err != nil || len(free.IDs) != 10 || free.Stopped {
		t.Fatalf("%+v, %v", free, err)
	}
	stop := int(free.IDs[2])
	got, err := one(Decode{Tokens: 10, Stop: []int{stop}})
	if err != nil || !got.Stopped || len(got.IDs) != slices.Index(free.IDs, int32(stop))+1 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []Decode{{}, {Tokens: 1, Temperature: -1}, {Tokens: 1, TopK: -1}, {Tokens: 1, TopP: 2}, {Tokens: 1, Temperature: math.NaN()}} {
		if _, err := r.Generate([][]int32{{1}}, bad, nil); err == nil {
			t.Errorf("%+v passed", bad)
		}
	}
	if _, err := r.Generate([][]int32{{}}, Decode{Tokens: 1}, nil); err == nil {
		t.Error("an empty prompt passed")
	}
}

// Sampling follows the distribution that the filters leave.
func TestChooseFollowsTheDistribution(t *testing.T) {
	logits := []float32{float32(math.Log(0.1)), float32(math.Log(0.4)), float32(math.Log(0.2)), float32(math.Log(0.3))}
	for _, c := range []struct {
		name string
		d    Decode
		want []float64
	}{
		{"all", Decode{Temperature: 1}, []float64{0.1, 0.4, 0.2, 0.3}},
		{"top 2", Decode{Temperature: 1, TopK: 2}, []float64{0, 4.0 / 7, 0, 3.0 / 7}},
		{"p 0.75", Decode{Temperature: 1, TopP: 0.75}, []float64{0, 4.0 / 9, 2.0 / 9, 3.0 / 9}},
		{"temperature ½", Decode{Temperature: 0.5}, []float64{0.01 / 0.3, 0.16 / 0.3, 0.04 / 0.3, 0.09 / 0.3}},
		{"p tiny", Decode{Temperature: 1, TopP: 1e-9}, []float64{0, 1, 0, 0}},
	} {
		s, got := rng.New(5).At(c.name).Stream(), make([]float64, 4)
		const n = 20000
		for range n {
			got[c.d.choose(logits, s)] += 1.0 / n
		}
		numtest.CloseWide(t, c.name, got, c.want, 0.012) // over three deviations of √(p(1−p)/n)
	}
}
