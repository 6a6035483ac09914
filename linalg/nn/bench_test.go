package nn

import (
	"fmt"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// A training step with LoRA on q and v, as "simrun bench engine" times it.
func BenchmarkStep(b *testing.B) {
	for _, x := range []struct {
		family                                 string
		vocab, d, layers, heads, tokens, batch int
	}{
		{"gpt2", 1024, 64, 2, 4, 32, 8}, {"gpt2", 1024, 64, 2, 4, 64, 32}, {"gpt2", 1024, 128, 4, 4, 64, 8}, {"gpt2", 2048, 256, 4, 4, 64, 8},
		{"gpt2", 1024, 64, 2, 4, 16, 1}, {"llama", 1024, 64, 2, 4, 32, 8}, {"llama", 1024, 128, 4, 4, 64, 8},
	} {
		b.Run(fmt.Sprintf("%s/d%d/T%d/B%d", x.family, x.d, x.tokens, x.batch), func(b *testing.B) {
			c, err := Design(x.family, Shape{Vocab: x.vocab, Width: x.d, Inner: 4 * x.d, Layers: x.layers, Heads: x.heads, KVHeads: x.heads, Context: x.tokens})
			if err != nil {
				b.Fatal(err)
			}
			s := rng.New(1).Stream()
			m, err := New(c, 0.02, s)
			if err != nil {
				b.Fatal(err)
			}
			r := NewRunner(m)
			mods, err := c.Select([]string{"*.q", "*.v"})
			if err != nil {
				b.Fatal(err)
			}
			var params []Param
			for _, mod := range mods {
				br := randomBranch(c, mod.Name, 8, 2, s)
				br.TrainA()
				br.TrainB()
				params = append(params, br.Params()...)
				if err := r.Attach(br); err != nil {
					b.Fatal(err)
				}
			}
			batch := Batch{InPlace: true}
			for range x.batch {
				ids := make([]int32, x.tokens)
				for t := range ids {
					ids[t] = int32(s.IntN(x.vocab))
				}
				batch.IDs, batch.Labels = append(batch.IDs, ids), append(batch.Labels, ids)
			}
			adam := NewAdamW(0.9, 0.999, 1e-8, 0.01)
			for b.Loop() {
				ZeroGrads(params)
				if _, _, err := r.Learn(batch, nil); err != nil {
					b.Fatal(err)
				}
				adam.Step(params, 1e-3)
			}
			b.ReportMetric(float64(x.batch*x.tokens)*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
