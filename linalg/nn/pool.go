package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Last, of a [Pooling], is the hidden states behind the final norm.
const Last = -1

// Poolings are the words of [Pooling.By].
var Poolings = []string{"mean", "first", "last", "none"}

// Pooling says which hidden states stand for a sequence.
type Pooling struct {
	After int    // blocks, before any final norm: 0 is the embedding; or [Last]
	By    string // one of [Poolings]: mean over the places, the first, the last, or each by itself
	Unit  bool   // at length 1
}

// Check refuses what no model has.
func (p Pooling) Check() error {
	if p.After < Last {
		return fmt.Errorf("layer %d: expected 0 (the embedding), 1 and on (blocks), or %d (behind the final norm)", p.After, Last)
	}
	if !slices.Contains(Poolings, p.By) {
		return fmt.Errorf("pool %q: expected one of %s", p.By, strings.Join(Poolings, ", "))
	}
	return nil
}

// Of refuses what a model does not have, too.
func (p Pooling) Of(c Config) error {
	if p.After > c.Layers {
		return fmt.Errorf("layer %d of a model of %d blocks: expected 0 (the embedding) … %d, or %d (behind the final norm)", p.After, c.Layers, c.Layers, Last)
	}
	return p.Check()
}

// Given is the hidden states of what the last batch gave the model to read, after l blocks,
// before any final norm, or behind that ([Last]): rows×Width, those of sequence i where
// [Runner.GivenSpan] says. Of an encoder-decoder they are the encoder's; of others they are
// [Runner.Hidden] and [Runner.Final]. It is the Runner's memory, good until the next batch.
func (r *Runner) Given(l int) []float32 {
	r.need("Given")
	b, w := &r.both, r.model.config.Width
	if blocks := r.model.config.Layers; l < Last || l > blocks {
		panic(fmt.Sprintf("nn: Given of block %d of a model of %d", l, blocks))
	}
	switch {
	case r.model.pair == nil && l == Last:
		return r.Final(nil)
	case r.model.pair == nil:
		return r.Hidden(l)
	case l == Last:
		return b.memory[:b.rows*w]
	case l == r.model.config.Layers:
		return b.end[:b.rows*w]
	}
	return b.encoder[2*l].x[:b.rows*w] // attention and MLP are a step each
}

// GivenSpan is where the rows of sequence i lie in [Runner.Given]; places that nobody sees
// are left out.
func (r *Runner) GivenSpan(i int) (lo, hi int) {
	if r.model.pair != nil {
		return r.both.seqs[i].lo, r.both.seqs[i].hi
	}
	return r.seqs[i].lo + r.unseen[i], r.seqs[i].hi
}

// Pool appends to dst the hidden states that stand for each sequence of the last batch, Width
// numbers each; for each place by itself, as many times as a sequence is long.
func (r *Runner) Pool(dst []float32, p Pooling) []float32 {
	states, w := r.Given(p.After), r.model.config.Width
	for i := range r.seqs {
		lo, hi := r.GivenSpan(i)
		switch p.By {
		case "first":
			hi = lo + 1
		case "last":
			lo = hi - 1
		}
		at := len(dst)
		if p.By == "mean" {
			dst = append(dst, make([]float32, w)...)
			for t := lo; t < hi; t++ {
				kernel.Add(dst[at:], states[t*w:(t+1)*w])
			}
			kernel.Scale(dst[at:], 1/float32(hi-lo))
		} else {
			dst = append(dst, states[lo*w:hi*w]...)
		}
		for ; p.Unit && at < len(dst); at += w {
			row := dst[at : at+w]
			kernel.Scale(row, float32(1/max(math.Sqrt(kernel.SumSquares(row)), 1e-12)))
		}
	}
	return dst
}

// Features appends to dst, for each sequence of the last batch, the mean of its hidden
// states behind the final norm, Width numbers; with unit, at length 1. Of an
// encoder-decoder they are the encoder's.
func (r *Runner) Features(dst []float32, unit bool) []float32 {
	return r.Pool(dst, Pooling{After: Last, By: "mean", Unit: unit})
}
