package world

import (
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
)

// An encoder-decoder reads a source and says a target, each token through weights of its own:
// those of the encoder, and those by which the decoder looks at the source, see the source's
// tokens alone.

// pairLoad is what an encoder-decoder has to read.
type pairLoad struct {
	source, target float64 // tokens
	within, said   float64 // Σ squares of the lengths of sources, and of targets
	across         float64 // Σ source · target
}

func (p *pairLoad) add(s *data.Sequence) {
	m, n := float64(len(s.IDs)), float64(len(s.Labels))
	p.source += m
	p.target += n
	p.within += float64(m * m)
	p.said += float64(n * n)
	p.across += float64(m * n)
}

// forward is the work of a pass: two operations a weight and token, four a pair of places and
// number of a head.
func (p pairLoad) forward(b *base.Base) float64 {
	c := b.Model.Config()
	read, say := pairParams(b.Model)
	each := float64(4 * c.Heads * c.HeadDim)
	places := float64(float64(c.Layers)*p.within) + float64(float64(c.Decoder.Layers)*(p.said+p.across))
	return float64(2*float64(read)*p.source) + float64(2*float64(say)*p.target) + float64(each*places)
}

// pairParams counts the weights that a source's tokens go through, and those of a target's.
func pairParams(m *nn.Model) (read, say int) {
	c := m.Config()
	say = c.Vocab * c.Width // the head
	for _, x := range m.Modules() {
		if x.Of != "" {
			continue // rows of a layer that is counted
		}
		block, part, _ := strings.Cut(x.Name, ".")
		if l, err := strconv.Atoi(block); err == nil && l < c.Layers || part == "cross_k" || part == "cross_v" {
			read += x.Out * x.In
		} else if err == nil && l < c.Layers+c.Decoder.Layers {
			say += x.Out * x.In
		}
	}
	return read, say
}
