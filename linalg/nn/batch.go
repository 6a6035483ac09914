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
	// Images take the place of IDs in vision models: pixels as the model was trained on
	// them, channel by channel, row by row (see [Image]).
	Images [][]float32
	// Classes and Targets are what a head that answers for sequences (see [Answer]) should
	// have said: a class each, or [Ignore]; for regression, and where several classes may
	// be there, so many numbers each.
	Classes []int32
	Targets [][]float32
	// Labels, if not nil, are as long as IDs (of an encoder-decoder: what the decoder should
	// say, of any length, none of it shifted): Labels[i][t] is what the model should have
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
	// Unseen, if not nil, is how many places at the head of each sequence see the others and
	// are seen by none, in models that look both ways. Padding on the left is such: a head
	// of Transformers reads the first place of a row, though it be padding, and whoever
	// wants its numbers keeps that one place. A DeBERTa's padding sees itself and all others
	// evenly: for its numbers keep all places of padding on the left.
	Unseen []int
	// Prompts, if not nil, is how many places at the head of each sequence are its prompt:
	// by them a [Router] decides for a sequence, or for all of them. nil: by all places.
	Prompts []int
	// Shares are the weights of a router's experts, by sequence, for routers that are told
	// them ([Shared]).
	Shares [][]float32
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

// sequences counts the sequences or pictures of a batch.
func (b *Batch) sequences() int { return max(len(b.IDs), len(b.Images)) }

// length is the number of places of sequence or picture i.
func (b *Batch) length(c *Config, i int) int {
	switch {
	case b.Images != nil:
		return c.Image.places()
	case c.Decoder != (Decoder{}):
		return max(len(b.IDs[i]), len(b.Labels[i]))
	}
	return len(b.IDs[i])
}

// rows counts the places of a batch.
func (b *Batch) rows(c *Config) int {
	n := 0
	if b.Images != nil {
		n = len(b.Images) * c.Image.places()
	}
	for _, s := range b.IDs {
		n += len(s)
	}
	return n
}

// check finds what would be out of range later, and says where.
func (b *Batch) check(c *Config) error {
	if c.Image != (Image{}) {
		return b.checkImages(c)
	}
	switch {
	case len(b.IDs) == 0:
		return fmt.Errorf("batch: no sequences")
	case b.Images != nil:
		return fmt.Errorf("batch: pictures for a model that reads tokens")
	case b.Labels != nil && c.Headless:
		return fmt.Errorf("batch: labels of tokens for a model without a head of tokens")
	}
	if c.Decoder != (Decoder{}) && b.Labels == nil {
		return fmt.Errorf("batch: no labels for an encoder-decoder, whose decoder needs to know what it says")
	}
	if err := b.checkAnswers(c, len(b.IDs)); err != nil {
		return err
	}
	if err := b.checkUnseen(c); err != nil {
		return err
	}
	for _, x := range []struct {
		what string
		rows [][]int32
	}{{"labels", b.Labels}, {"positions", b.Positions}, {"types", b.Types}} {
		if x.rows != nil && len(x.rows) != len(b.IDs) {
			return fmt.Errorf("batch: %s for %d sequences of %d", x.what, len(x.rows), len(b.IDs))
		}
		for i := range x.rows {
			if len(x.rows[i]) != len(b.IDs[i]) && !(c.Decoder != (Decoder{}) && x.what == "labels" && len(x.rows[i]) > 0) {
				return fmt.Errorf("batch: sequence %d has %d tokens and %d %s", i, len(b.IDs[i]), len(x.rows[i]), x.what)
			}
		}
	}
	if err := b.checkSaid(c); err != nil {
		return err
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

// checkUnseen is check for the places that nobody sees.
func (b *Batch) checkUnseen(c *Config) error {
	if b.Unseen == nil {
		return nil
	}
	if !c.Bidirectional || len(b.Unseen) != len(b.IDs) {
		return fmt.Errorf("batch: unseen places for %d sequences of %d; only models that look both ways have any", len(b.Unseen), len(b.IDs))
	}
	for i, n := range b.Unseen {
		if n < 0 || n >= len(b.IDs[i]) {
			return fmt.Errorf("batch: sequence %d has %d unseen places of %d", i, n, len(b.IDs[i]))
		}
	}
	return nil
}

// checkSaid is check for what a decoder should say.
func (b *Batch) checkSaid(c *Config) error {
	if c.Decoder == (Decoder{}) {
		return nil
	}
	for i, said := range b.Labels {
		for t, y := range said {
			if err := checkLabel(c, y); err != nil {
				return fmt.Errorf("batch: sequence %d, place %d: %w", i, t, err)
			}
		}
	}
	return nil
}

func checkLabel(c *Config, y int32) error {
	if y != Ignore && (y < 0 || int(y) >= c.Vocab) {
		return fmt.Errorf("label %d; expected 0 … %d, or %d to leave it out", y, c.Vocab-1, Ignore)
	}
	return nil
}

// checkPlace is check for one token.
func (b *Batch) checkPlace(c *Config, i, t, last int) error {
	if id := b.IDs[i][t]; id < 0 || int(id) >= c.Vocab {
		return fmt.Errorf("token %d; the vocabulary has 0 … %d", id, c.Vocab-1)
	}
	if b.Labels != nil && c.Decoder == (Decoder{}) {
		if err := checkLabel(c, b.Labels[i][t]); err != nil {
			return err
		}
	}
	if b.Positions != nil {
		first := 0
		if c.PositionOffset > 0 {
			first = -1 // RoBERTa has a vector for padding, before that of position 0
		}
		if p := int(b.Positions[i][t]); p < first || p > last {
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
