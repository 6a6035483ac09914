package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Image is the shape of the pictures that a vision model reads (Dosovitskiy et al. 2021):
// squares of Size×Size, cut into Patch×Patch pieces, each a place; before them stands one
// more place, the class token. The zero value is for models of tokens.
type Image struct {
	Size, Patch, Channels int
}

// places is the number of places of a picture.
func (m Image) places() int {
	side := m.Size / m.Patch
	return 1 + side*side
}

// pixels is the number of numbers of a picture: channel by channel, row by row.
func (m Image) pixels() int { return m.Channels * m.Size * m.Size }

// patches are the embeddings of pictures.
type patches struct {
	project *linear // of a piece: channel by channel, row by row
	class   int     // vector of the first place
}

// pictures adds the embeddings of pictures under that prefix, and the positions with them.
func (p *parts) pictures(c Config, hf string) {
	m := c.Image
	width := fmt.Sprintf("hidden_size %d", c.Width)
	why := fmt.Sprintf("%s, num_channels %d, patch_size %d", width, m.Channels, m.Patch)
	project := hf + ".patch_embeddings.projection"
	p.patches = &patches{class: p.vector(hf+".cls_token", width, 0, 1, 1, c.Width)}
	p.positions = &table{vector: p.vector(hf+".position_embeddings", fmt.Sprintf("places %d, %s", m.places(), width), 0, 1, m.places(), c.Width), width: c.Width, rows: m.places()}
	p.patches.project = p.linear(m.Channels*m.Patch*m.Patch, false, true, owned{"patches", project, why, c.Width})
	// A convolution in the checkpoint; adapters do not attach to it.
	p.slots[len(p.slots)-2].shape = []int{c.Width, m.Channels, m.Patch, m.Patch}
	p.modules = p.modules[:len(p.modules)-1]
	p.patches.project.block, p.patches.project.stage = -1, stages-1
}

// see is embed for pictures.
func (r *Runner) see(b *Batch) {
	c, p := &r.model.config, r.model.parts
	m := c.Image
	piece, n := p.patches.project.in, m.places()-1
	grow(&r.entry.pieces, len(b.Images)*n*piece)
	x := r.stream(0)
	for i, picture := range b.Images {
		pieces := r.entry.pieces[i*n*piece : (i+1)*n*piece]
		inPieces(pieces, picture, m)
		first := r.seqs[i].lo
		copy(x[first*c.Width:(first+1)*c.Width], r.model.data[p.patches.class])
		r.through(p.patches.project, ref(window(x, c.Width, first+1, first+1+n)), ref(kernel.Of(pieces, n, piece)), nil, i*n)
		for t := range n + 1 {
			kernel.Add(x[(first+t)*c.Width:(first+t+1)*c.Width], r.model.row(p.positions, t))
		}
	}
}

// inPieces lays the pieces of a picture one behind the other.
func inPieces(pieces, picture []float32, m Image) {
	at := 0
	for y := 0; y < m.Size; y += m.Patch {
		for x := 0; x < m.Size; x += m.Patch {
			for c := range m.Channels {
				for row := range m.Patch {
					from := (c*m.Size+y+row)*m.Size + x
					at += copy(pieces[at:], picture[from:from+m.Patch])
				}
			}
		}
	}
}

// seeBack takes the gradient of the first block's input to the embeddings of pictures.
func (r *Runner) seeBack(dx kernel.Matrix) {
	p := r.model.parts
	piece, n := p.patches.project.in, r.model.config.Image.places()-1
	for i, s := range r.seqs {
		for t := s.lo; t < s.hi; t++ {
			r.base.look(p.positions, t-s.lo, dx.Row(t))
		}
		if g := r.base.vector(p.patches.class); g != nil {
			kernel.Add(g, dx.Row(s.lo))
		}
		r.throughBack(p.patches.project, nil, ref(dx.RowRange(s.lo+1, s.hi)), ref(kernel.Of(r.entry.pieces[i*n*piece:], n, piece)), nil, i*n)
	}
}

// checkImages is check for pictures.
func (b *Batch) checkImages(c *Config) error {
	switch {
	case len(b.Images) == 0:
		return fmt.Errorf("batch: no pictures")
	case b.IDs != nil || b.Labels != nil || b.Positions != nil || b.Types != nil:
		return fmt.Errorf("batch: tokens for a model that reads pictures")
	}
	for i, picture := range b.Images {
		if len(picture) != c.Image.pixels() {
			return fmt.Errorf("batch: picture %d has %d numbers; expected %d×%d×%d = %d", i, len(picture), c.Image.Channels, c.Image.Size, c.Image.Size, c.Image.pixels())
		}
		if at := notFinite(picture); at >= 0 {
			return fmt.Errorf("batch: picture %d has %g at place %d; every pixel must be a finite number", i, picture[at], at)
		}
	}
	return b.checkAnswers(c, len(b.Images))
}
