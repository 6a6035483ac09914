package nn

// Choose makes b those sequences or pictures of another batch, in the memory that it has.
func (b *Batch) Choose(from *Batch, which []int) {
	b.InPlace = from.InPlace
	choose(&b.IDs, from.IDs, which)
	choose(&b.Images, from.Images, which)
	choose(&b.Classes, from.Classes, which)
	choose(&b.Targets, from.Targets, which)
	choose(&b.Labels, from.Labels, which)
	choose(&b.Positions, from.Positions, which)
	choose(&b.Types, from.Types, which)
	choose(&b.Unseen, from.Unseen, which)
}

// choose puts some of a list into another; of nil it makes nil.
func choose[T any](to *[]T, from []T, which []int) {
	if from == nil {
		*to = nil
		return
	}
	*to = (*to)[:0]
	for _, i := range which {
		*to = append(*to, from[i])
	}
}

// Counts is how many answers to sequence i count: its labels but the first, which nobody
// predicts, or 1 for a class or numbers that a head should have said. Labels of an
// encoder-decoder or in place are counted by [Loss] alone.
func (b *Batch) Counts(i int) (n int) {
	switch {
	case b.Targets != nil:
		return 1
	case b.Classes != nil:
		if b.Classes[i] != Ignore {
			n = 1
		}
		return n
	}
	for _, y := range b.Labels[i][1:] {
		if y != Ignore {
			n++
		}
	}
	return n
}
