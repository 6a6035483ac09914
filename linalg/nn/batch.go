package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Ignore is the label of a place that does not count.
const Ignore = -100

// Batch is ragged: sequences of any lengths, none padded.
type Batch struct {
	IDs [][]int32
	// Labels, if not nil, are as long as IDs: Labels[i][t] is what the model should have
	// said at place t−1, having seen IDs[i][:t] (the shift of causal language models
	// happens inside). The first label of a sequence has nobody to predict it and does
	// not count, nor does [Ignore].
	Labels [][]int32
	// InPlace means labels without that shift: Labels[i][t] is what the model should say
	// at place t itself, as in masked language models and decoders with inputs of their own.
	InPlace bool
	// Positions, if not nil, are the places for rotary positions; else 0, 1, 2 ….
	Positions [][]int32
	// Types, if not nil, are token types, for models that have vectors of them; else 0.
	Types [][]int32
	// Dropout draws the masks of branches with dropout; nil: dropout is off.
	Dropout *rng.Stream
}

// Unpad turns rows that are padded to one length into a Batch: places whose mask is 0 are
// taken out, on whichever side they stand, which is what attention masks mean. Positions
// may be nil; then each row counts its own tokens from 0. A label on a masked place is
// refused, for masked places predict nothing and are not predicted.
func Unpad(ids, labels, positions, mask [][]int32) (Batch, error) {
	var b Batch
	if len(mask) != len(ids) || labels != nil && len(labels) != len(ids) || positions != nil && len(positions) != len(ids) {
		return b, fmt.Errorf("mask, labels or positions are not for %d sequences", len(ids))
	}
	for i := range ids {
		if len(mask[i]) != len(ids[i]) || labels != nil && len(labels[i]) != len(ids[i]) || positions != nil && len(positions[i]) != len(ids[i]) {
			return b, fmt.Errorf("sequence %d: mask, labels or positions are not as long as its %d tokens", i, len(ids[i]))
		}
		var id, label, place []int32
		for t, seen := range mask[i] {
			if seen == 0 {
				if labels != nil && labels[i][t] != Ignore {
					return b, fmt.Errorf("sequence %d, place %d: label %d on a masked place; expected %d", i, t, labels[i][t], Ignore)
				}
				continue
			}
			id = append(id, ids[i][t])
			if labels != nil {
				label = append(label, labels[i][t])
			}
			if positions != nil {
				place = append(place, positions[i][t])
			}
		}
		b.IDs = append(b.IDs, id)
		if labels != nil {
			b.Labels = append(b.Labels, label)
		}
		if positions != nil {
			b.Positions = append(b.Positions, place)
		}
	}
	return b, nil
}

// rows counts the tokens of a batch.
func (b *Batch) rows() int {
	n := 0
	for _, s := range b.IDs {
		n += len(s)
	}
	return n
}

// check finds what would be out of range later, and says where.
func (b *Batch) check(c Config) error {
	if len(b.IDs) == 0 {
		return fmt.Errorf("batch: no sequences")
	}
	for _, x := range []struct {
		what string
		rows [][]int32
	}{{"labels", b.Labels}, {"positions", b.Positions}, {"types", b.Types}} {
		if x.rows != nil && len(x.rows) != len(b.IDs) {
			return fmt.Errorf("batch: %s for %d sequences of %d", x.what, len(x.rows), len(b.IDs))
		}
		for i := range x.rows {
			if len(x.rows[i]) != len(b.IDs[i]) {
				return fmt.Errorf("batch: sequence %d has %d tokens and %d %s", i, len(b.IDs[i]), len(x.rows[i]), x.what)
			}
		}
	}
	last := 1<<24 - 1
	if c.Learned {
		last = c.MaxPositions - 1
	}
	for i, ids := range b.IDs {
		if len(ids) == 0 {
			return fmt.Errorf("batch: sequence %d is empty", i)
		}
		if b.Positions == nil && len(ids)-1 > last {
			return fmt.Errorf("batch: sequence %d has %d tokens; the model has positions for %d", i, len(ids), last+1)
		}
		for t := range ids {
			if err := b.checkPlace(c, i, t, last); err != nil {
				return fmt.Errorf("batch: sequence %d, place %d: %w", i, t, err)
			}
		}
	}
	return nil
}

// checkPlace is check for one token.
func (b *Batch) checkPlace(c Config, i, t, last int) error {
	if id := b.IDs[i][t]; id < 0 || int(id) >= c.Vocab {
		return fmt.Errorf("token %d; the vocabulary has 0 … %d", id, c.Vocab-1)
	}
	if b.Labels != nil {
		if y := b.Labels[i][t]; y != Ignore && (y < 0 || int(y) >= c.Vocab) {
			return fmt.Errorf("label %d; expected 0 … %d, or %d to leave it out", y, c.Vocab-1, Ignore)
		}
	}
	if b.Positions != nil {
		if p := b.Positions[i][t]; p < 0 || int(p) > last {
			return fmt.Errorf("position %d; expected 0 … %d", p, last)
		}
	}
	if b.Types != nil && c.Types > 0 {
		if k := b.Types[i][t]; k < 0 || int(k) >= c.Types {
			return fmt.Errorf("type %d; expected 0 … %d", k, c.Types-1)
		}
	}
	return nil
}
