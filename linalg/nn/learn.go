package nn

import "fmt"

// flock is how many rows go forward and back together while learning: few enough for what
// a pass keeps of them to stay in cache, many enough for the products.
const flock = 128

// Learn is Forward and Backward of a batch in one, a flock of whole sequences after the
// other: what a pass keeps is then needed of one flock at a time, which is faster, and
// takes less memory. The gradients are those of the whole batch, and so are the losses.
// Afterwards there is no pass to ask about.
func (r *Runner) Learn(b Batch, weight []float64) (total Loss, each []Loss, err error) {
	if err := r.check(&b); err != nil {
		return total, nil, err
	}
	if weight != nil && len(weight) != b.sequences() {
		panic(fmt.Sprintf("nn: %d weights for %d sequences", len(weight), b.sequences()))
	}
	r.cache, r.ready = nil, false
	c, sequences := &r.model.config, b.sequences()
	grow(&r.each, sequences)
	even, largest := evenly(b.counted(c)), 0
	for lo, hi := 0, 0; lo < sequences; lo = hi {
		var rows int
		hi, rows = b.flock(c, lo, r.together)
		largest = max(largest, rows)
	}
	r.prepare(largest)
	r.reserveBack()
	r.learning = true
	defer func() { r.learning = false }()
	r.reserveForks()
	for lo, hi := 0, 0; lo < sequences; lo = hi {
		hi, _ = b.flock(c, lo, r.together)
		part := b.cut(lo, hi)
		r.pack(&part)
		r.run(&part)
		g := goal{back: true, even: even}
		if weight != nil {
			g.weights = weight[lo:hi]
		}
		clear(r.back.dx[:r.rows*c.Width])
		_, own := r.measure(&g)
		copy(r.each[lo:hi], own)
		r.blocksBack()
	}
	for _, l := range r.each {
		total.add(l)
	}
	return total, r.each, nil
}

// flock is where the flock of sequences that begins at lo ends, and its rows: all of them
// where a router decides for the batch.
func (b *Batch) flock(c *Config, lo int, together Grain) (hi, rows int) {
	for hi = lo; hi < b.sequences() && (hi == lo || together == ByBatch || rows+b.length(c, hi) <= flock); hi++ {
		rows += b.length(c, hi)
	}
	return hi, rows
}

// cut is the batch of sequences lo…hi−1.
func (b *Batch) cut(lo, hi int) Batch {
	return Batch{InPlace: b.InPlace, Dropout: b.Dropout,
		IDs: some(b.IDs, lo, hi), Images: some(b.Images, lo, hi), Labels: some(b.Labels, lo, hi), Positions: some(b.Positions, lo, hi),
		Types: some(b.Types, lo, hi), Unseen: some(b.Unseen, lo, hi), Classes: some(b.Classes, lo, hi), Targets: some(b.Targets, lo, hi),
		Prompts: some(b.Prompts, lo, hi), Shares: some(b.Shares, lo, hi)}
}

// some is s[lo:hi], or nil if there is none.
func some[T any](s []T, lo, hi int) []T {
	if s == nil {
		return nil
	}
	return s[lo:hi]
}

// counted is the number of labels that count, of tokens or of sequences.
func (b *Batch) counted(c *Config) int {
	n := 0
	if c.Answer.Outputs > 0 {
		n = len(b.Targets)
		for _, y := range b.Classes {
			if y != Ignore {
				n++
			}
		}
		return n
	}
	for _, labels := range b.Labels {
		if !b.InPlace && c.Decoder == (Decoder{}) && len(labels) > 0 {
			labels = labels[1:]
		}
		for _, y := range labels {
			if y != Ignore {
				n++
			}
		}
	}
	return n
}
