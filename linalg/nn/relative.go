package nn

import (
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Decoder is the second stack of an encoder-decoder. The zero value: there is none.
type Decoder struct {
	Layers   int // its blocks
	Buckets  int // of distances that share a bias
	Distance int // from which on all share the last
	Start    int // the token before the first that it says
	Pad      int // stands where what was said does not count
}

// bucket is the number of the bias for a key that stands so far behind the query (Raffel
// et al. 2020, section 2.1, and its code): near distances have one each, far ones share
// them by their logarithm, in float32 as PyTorch computes it. Where both directions are
// seen, keys after the query have the upper half.
func (d Decoder) bucket(behind int, both bool) int {
	n, first := d.Buckets, 0
	if both {
		n /= 2
		if behind < 0 {
			first, behind = n, -behind
		}
	}
	behind = max(behind, 0)
	exact := n / 2
	if behind < exact {
		return first + behind
	}
	ratio := float32(kernel.Log(float64(float32(behind) / float32(exact))))
	scaled := float32(ratio/float32(math.Log(float64(d.Distance)/float64(exact)))) * float32(n-exact)
	return first + min(exact+int(scaled), n-1)
}

// measure notes the buckets of all distances that a pass over such sequences can meet, so
// that they are found once, not for every pair of places and head.
func (b *both) measure(d Decoder, said []span) {
	for stack, seqs := range [][]span{b.seqs, said} {
		n := 1
		for _, s := range seqs {
			n = max(n, s.hi-s.lo)
		}
		grow(&b.buckets[stack], 2*n-1)
		for i := range b.buckets[stack] {
			b.buckets[stack][i] = d.bucket(i-n+1, stack == 0)
		}
	}
}

// bucket is [Decoder.bucket], in the decoder if causal, else in the encoder.
func (b *both) bucket(behind int, causal bool) int {
	t := b.buckets[0]
	if causal {
		t = b.buckets[1]
	}
	return t[behind+len(t)/2]
}

// biased is attention of one head whose scores have a bias by distance, or none: p becomes
// softmax(q·kᵀ + bias), o becomes p·v. The first query stands at place from.
func (r *Runner) biased(o, p, q, k, v kernel.Matrix, bias *table, head, from int, causal bool) {
	kernel.NT(&p, &q, &k, false)
	for i := range p.Rows {
		row := p.Row(i)
		if causal {
			clear(row[from+i+1:])
			row = row[:from+i+1]
		}
		if bias != nil {
			for j := range row {
				row[j] += r.model.row(bias, r.both.bucket(from+i-j, causal))[head]
			}
		}
		kernel.Softmax(row, 1)
	}
	kernel.NN(&o, &p, &v, false)
}

// biasedBack replaces dq, and adds to dk and dv and to the gradient of the bias. ds is
// scratch of p's shape.
func (r *Runner) biasedBack(dq, dk, dv, do, p, ds, q, k, v kernel.Matrix, bias *table, head int, causal bool) {
	kernel.TN(&dv, &p, &do, true)
	kernel.NT(&ds, &do, &v, false)
	for i := range ds.Rows {
		kernel.SoftmaxBack(ds.Row(i), p.Row(i), 1)
	}
	if bias != nil {
		if g := r.base.vector(bias.vector); g != nil {
			for i := range ds.Rows {
				for j, d := range ds.Row(i) {
					if !causal || j <= i {
						g[r.both.bucket(i-j, causal)*bias.width+head] += d
					}
				}
			}
		}
	}
	kernel.NN(&dq, &ds, &k, false)
	kernel.TN(&dk, &ds, &q, true)
}
