package nn

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Disentangled is attention whose scores are sums of what contents say to each other and
// of what content says to distance (He et al. 2021, section 3.1). With i the place of the
// query and j that of the key, and R the vectors of distances, shared by all blocks and
// mapped by each block's own Q and K:
//
//	score = Q·x_i · K·x_j  +  Q·x_i · K·R(i−j)  +  K·x_j · Q·R(i−j)
//	                          content to position   position to content
//
// The zero value is attention of contents alone.
type Disentangled struct {
	// Buckets is how many rows distances have on each side: those up to half of it one
	// each, farther ones share by their logarithm. 0: Max rows, one each.
	Buckets  int
	Max      int  // distance at which the last bucket begins; farther ones are in it too
	C2P, P2C bool // which terms there are beside the first
	Norm     bool // the vectors of distances are normed
}

// span is how many rows of the table each side has; the table has twice as many.
func (d Disentangled) span() int {
	if d.Buckets > 0 {
		return d.Buckets
	}
	return d.Max
}

// scale of the scores: as if the terms that there are had been one dot product.
func (d Disentangled) scale(head int) float64 {
	terms := 1
	for _, there := range []bool{d.C2P, d.P2C} {
		if there {
			terms++
		}
	}
	return 1 / math.Sqrt(float64(head*terms))
}

// bucket of a distance that is not negative. Every step is rounded to float32, as those
// who trained the tables computed it.
func (d Disentangled) bucket(distance int) int {
	mid := d.Buckets / 2
	if d.Buckets == 0 || distance <= mid {
		return distance
	}
	log := func(x float32) float32 { return float32(kernel.Log(float64(x))) }
	share := log(float32(distance)/float32(mid)) / log(float32(float64(d.Max-1)/float64(mid)))
	return mid + int(math.Ceil(float64(float32(share*float32(mid-1)))))
}

// row of the table that a distance has.
func (d Disentangled) row(distance int) int {
	if distance < 0 {
		return max(d.span()-d.bucket(-distance), 0)
	}
	return min(d.span()+d.bucket(distance), 2*d.span()-1)
}

// check is [Config.Check] for disentangled attention.
func (d Disentangled) check(c Config) error {
	if c.Family != "deberta-v2" && d == (Disentangled{}) {
		return nil
	}
	switch {
	case d.Max < 1 || d.Max > 1<<24:
		return fmt.Errorf("max_relative_positions is %d; expected 1 … %d", d.Max, 1<<24)
	case d.Buckets < 0 || d.Buckets == 1 || d.Buckets > 1<<24:
		return fmt.Errorf("position_buckets is %d; expected 2 … %d, or -1 for none", d.Buckets, 1<<24)
	case d.Buckets > 0 && d.Max-1 <= d.Buckets/2:
		return fmt.Errorf("max_relative_positions is %d; with position_buckets %d expected at least %d", d.Max, d.Buckets, d.Buckets/2+2)
	case c.KVHeads != c.Heads || !c.Bidirectional:
		return fmt.Errorf("disentangled attention with %d heads of queries and %d of keys, looking both ways %v; expected as many, and true", c.Heads, c.KVHeads, c.Bidirectional)
	}
	return nil
}

// distanceTable is the table of distances and its norm; nil: none.
type distanceTable struct {
	table *table
	norm  *norm
}

// apartBy adds the table of distances.
func (p *parts) apartBy(c Config, table, norm string) *parts {
	width, rows := fmt.Sprintf("hidden_size %d", c.Width), 2*c.Apart.span()
	p.distances = &distanceTable{table: p.table(table, fmt.Sprintf("distances 2 × %d, %s", c.Apart.span(), width), rows, c.Width)}
	if c.Apart.Norm {
		p.distances.norm = p.norm(c, norm, width, c.Width)
	}
	for _, b := range p.blocks {
		b.qkv.also = rows
	}
	return p
}

// trainsDistances says whether the table of distances, or its norm, is trained.
func (b *base) trainsDistances(t *distanceTable) bool {
	return b != nil && t != nil && (b.vector(t.table.vector) != nil || b.trainsNorm(t.norm))
}

// distances are the rows of the table that a batch looks up.
type distances struct {
	longest     int     // sequence that at knows of
	at          []int32 // row of the table by distance, from −(longest−1) on
	lo, hi      int     // rows that the batch looks up
	raw, normed []float32
	stat        stats
	dx, dnormed []float32 // rows×Width
	dqkv        []float32 // rows×(wide + 2·narrow), of one block
	c2p, p2c    []float32 // a head's scores with distances: places×rows
	dc2p, dp2c  []float32
}

// reach makes the list of rows long enough.
func (d *distances) reach(c Disentangled, longest int) {
	if longest <= d.longest {
		return
	}
	d.longest = longest
	grow(&d.at, 2*longest-1)
	for k := range d.at {
		d.at[k] = int32(c.row(k - (longest - 1)))
	}
}

// rows lo…hi−1 of the table are those of a sequence of n places.
func (d *distances) rows(n int) (lo, hi int) {
	return int(d.at[d.longest-n]), int(d.at[d.longest+n-2]) + 1
}

// from lists the rows of the distances from place i to the places n−1, n−2 … 0.
func (d *distances) from(i, n int) []int32 {
	here := d.longest - 1 + i
	return d.at[here-(n-1) : here+1]
}

// enterApart takes the vectors of distances through their norm, and clears the places that
// nobody sees: DeBERTa's padding begins at zero.
func (r *Runner) enterApart() {
	c, t, d := &r.model.config, r.model.parts.distances, &r.distances
	longest := 0
	x := window(r.stream(0), c.Width, 0, r.rows)
	for i, s := range r.seqs {
		longest = max(longest, s.hi-s.lo-r.unseen[i])
		x.RowRange(s.lo, s.lo+r.unseen[i]).Zero()
	}
	d.reach(c.Apart, longest)
	d.lo, d.hi = d.rows(longest)
	n := d.hi - d.lo
	for _, s := range []*[]float32{&d.raw, &d.normed} {
		grow(s, n*c.Width)
	}
	copy(d.raw, r.model.data[t.table.vector][d.lo*c.Width:d.hi*c.Width])
	if t.norm == nil {
		copy(d.normed, d.raw)
		return
	}
	grow(&d.stat.mean, n)
	grow(&d.stat.inv, n)
	r.norm(t.norm, ref(kernel.Of(d.normed, n, c.Width)), ref(kernel.Of(d.raw, n, c.Width)), d.stat)
}

// enterApartBack takes what all blocks left as the gradient of the vectors of distances to
// the table and its norm, and nothing to places that nobody sees.
func (r *Runner) enterApartBack() {
	c, t, d := &r.model.config, r.model.parts.distances, &r.distances
	x := window(r.back.dx, c.Width, 0, r.rows)
	for i, s := range r.seqs {
		x.RowRange(s.lo, s.lo+r.unseen[i]).Zero()
	}
	if !r.base.trainsDistances(t) {
		return
	}
	n := d.hi - d.lo
	dx := kernel.Of(d.dnormed, n, c.Width)
	if t.norm != nil {
		grow(&d.dx, n*c.Width)
		dx = kernel.Of(d.dx, n, c.Width)
		dx.Zero()
		r.normBack(t.norm, &dx, ref(kernel.Of(d.dnormed, n, c.Width)), ref(kernel.Of(d.raw, n, c.Width)), d.stat)
	}
	for k := range n {
		r.base.look(t.table, d.lo+k, dx.Row(k))
	}
}
