package nn

import (
	"fmt"
	"testing"
)

// sources is a set of an encoder-decoder: sources without their padding, and what is to be
// said, as long as the vectors have it.
func (g *golden) sources(t *testing.T, name string, p padded) padded {
	t.Helper()
	flat := g.Ints(t, "in."+name+".input_ids")
	for i := range p.rows {
		var ids []int32
		for j := range p.length {
			if p.mask[i*p.length+j] != 0 {
				ids = append(ids, int32(flat[i*p.length+j]))
			}
		}
		p.batch.IDs = append(p.batch.IDs, ids)
	}
	said := g.Ints(t, "in."+name+".labels")
	long := len(said) / p.rows
	for i := range p.rows {
		var labels []int32
		for _, y := range said[i*long : (i+1)*long] {
			labels = append(labels, int32(y))
		}
		for len(labels) > 1 && labels[len(labels)-1] == Ignore {
			labels = labels[:len(labels)-1]
		}
		p.batch.Labels = append(p.batch.Labels, labels)
	}
	p.said = make([]int, len(said))
	for i, y := range said {
		if y != Ignore {
			p.said[i] = 1
		}
	}
	return p
}

// spreadSaid is spread for the decoder's rows.
func (p padded) spreadSaid(rows []float32, width int) []float32 {
	long := len(p.said) / p.rows
	out := make([]float32, len(p.said)*width)
	at := 0
	for i, labels := range p.batch.Labels {
		for j := range labels {
			if p.said[i*long+j] != 0 {
				copy(out[(i*long+j)*width:], rows[at*width:(at+1)*width])
			}
			at++
		}
	}
	return out
}

func (g *golden) forwardPair(t *testing.T, p padded, r *Runner, stem string) {
	c, s := g.model.config, &r.both
	var decoder [][]float32 // the streams before each block, and after the last
	for i := 0; i < len(s.decoder); i += 3 {
		decoder = append(decoder, s.decoder[i].x)
	}
	decoder = append(decoder, r.tail)
	for l := range c.Layers + 1 {
		name := "embed"
		if l > 0 {
			name = fmt.Sprintf("layer%d", l-1)
		}
		g.Close(t, stem+"hidden.encoder."+name, p.spread(r.Given(l), c.Width))
	}
	for l := range decoder {
		name := "embed"
		if l > 0 {
			name = fmt.Sprintf("layer%d", l-1)
		}
		g.Close(t, stem+"hidden.decoder."+name, p.spreadSaid(decoder[l], c.Width))
	}
	g.Close(t, stem+"hidden.encoder.final", p.spread(r.Given(Last), c.Width))
	g.Close(t, stem+"hidden.decoder.final", p.spreadSaid(r.Final(nil), c.Width))
	g.Close(t, stem+"features.mean", r.Features(nil, false))
	g.Close(t, stem+"features.unit", r.Features(nil, true))
	g.Close(t, stem+"logits", p.spreadSaid(r.Logits(nil), c.Vocab))
	total, _ := r.Loss()
	g.Close(t, stem+"loss", []float32{float32(total.Mean())})
	var own []float32
	for _, x := range r.LogProbs(nil) {
		own = append(own, float32(x))
	}
	g.Close(t, stem+"label_logprobs", p.spreadSaid(own, 1))
}
