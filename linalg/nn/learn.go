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
	if err := b.check(r.model.config); err != nil {
		return total, nil, err
	}
	if weight != nil && len(weight) != len(b.IDs) {
		panic(fmt.Sprintf("nn: %d weights for %d sequences", len(weight), len(b.IDs)))
	}
	r.cache, r.ready = nil, false
	grow(&r.each, len(b.IDs))
	even, largest := evenly(b.counted()), 0
	for lo, hi := 0, 0; lo < len(b.IDs); lo = hi {
		var rows int
		hi, rows = b.flock(lo)
		largest = max(largest, rows)
	}
	r.prepare(largest)
	r.reserveBack()
	for lo, hi := 0, 0; lo < len(b.IDs); lo = hi {
		hi, _ = b.flock(lo)
		part := b.cut(lo, hi)
		r.pack(&part)
		r.run(&part)
		g := goal{back: true, even: even}
		if weight != nil {
			g.weights = weight[lo:hi]
		}
		clear(r.back.dx[:r.rows*r.model.config.Width])
		_, own := r.measure(g)
		copy(r.each[lo:hi], own)
		r.blocksBack()
	}
	for _, l := range r.each {
		total.add(l)
	}
	return total, r.each, nil
}

// flock is where the flock of sequences that begins at lo ends, and its rows.
func (b *Batch) flock(lo int) (hi, rows int) {
	for hi = lo; hi < len(b.IDs) && (hi == lo || rows+len(b.IDs[hi]) <= flock); hi++ {
		rows += len(b.IDs[hi])
	}
	return hi, rows
}

// cut is the batch of sequences lo…hi−1.
func (b *Batch) cut(lo, hi int) Batch {
	part := Batch{IDs: b.IDs[lo:hi], InPlace: b.InPlace, Dropout: b.Dropout}
	for _, x := range []struct{ to, from *[][]int32 }{{&part.Labels, &b.Labels}, {&part.Positions, &b.Positions}, {&part.Types, &b.Types}} {
		if *x.from != nil {
			*x.to = (*x.from)[lo:hi]
		}
	}
	return part
}

// counted is the number of labels that count.
func (b *Batch) counted() int {
	n := 0
	for _, labels := range b.Labels {
		if !b.InPlace && len(labels) > 0 {
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
