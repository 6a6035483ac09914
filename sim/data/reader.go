package data

import (
	"errors"
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// Reader turns examples into what one model reads: tokens with labels ([Encoder]) for language
// models, a text or a pair of texts and a class for encoders, a source and a target for
// encoder-decoders, numbers and a class for models of pictures.
type Reader struct {
	config  nn.Config
	encoder Encoder // of models that read tokens
	look    Look    // of those that read pictures
}

// NewReader is a reader for a model. The tokenizer of one that reads pictures is nil; tokens is
// the longest sequence (0: no wish), context the longest that the model can read.
func NewReader(c nn.Config, t *tokenizer.Tokenizer, look Look, tokens, context int) (Reader, error) {
	r := Reader{config: c, look: look}
	if c.Image != (nn.Image{}) {
		return r, nil
	}
	var err error
	r.encoder, err = NewEncoder(t, tokens, context)
	return r, err
}

// Asks says whether a model's answers are those of a head over whole sequences.
func (r Reader) Asks() bool { return r.config.Answer.Outputs > 0 }

// Check refuses an example that the model cannot read or answer, without encoding it.
func (r Reader) Check(ex Example) error {
	switch pictures := r.config.Image != (nn.Image{}); {
	case pictures && ex.Picture == nil:
		return errors.New("a text for a model that reads pictures")
	case !pictures && ex.Picture != nil:
		return errors.New("a picture for a model that reads texts")
	case r.Asks():
		return answered(&Sequence{}, r.config, ex.Answer)
	}
	return nil
}

// Sequence is an example as the model reads it; cut says that it was too long. inputs, which
// lets the prompt's tokens count, has a meaning for language models of one stack alone.
func (r Reader) Sequence(ex Example, inputs bool) (s Sequence, cut bool, err error) {
	c := r.config
	if c.Bidirectional || c.Decoder != (nn.Decoder{}) {
		if inputs {
			return s, false, fmt.Errorf("a model of type %q has no labels on its prompts: only answers can count", c.Family)
		}
		s, cut, err = r.Prompt(ex)
		switch {
		case err != nil:
		case r.Asks():
			err = answered(&s, c, ex.Answer)
		case c.Decoder != (nn.Decoder{}):
			var long bool
			s.Labels, _, long, err = r.tokens(tokenizer.Input{Text: ex.Answer})
			cut = cut || long
		default:
			err = fmt.Errorf("a model of type %q without a head answers nothing: train one on it first (simrun model train)", c.Family)
		}
		return s, cut, err
	}
	if ex.Picture != nil {
		return s, false, fmt.Errorf("pictures for a model of type %q, which reads texts", c.Family)
	}
	s, cut = r.encoder.Sequence(ex, inputs)
	return s, cut, nil
}

// Prompt is what a model that reads its input as a whole is given, without an answer.
func (r Reader) Prompt(ex Example) (s Sequence, cut bool, err error) {
	s.Class = nn.Ignore
	if c := r.config; c.Image != (nn.Image{}) {
		if ex.Picture == nil {
			return s, false, fmt.Errorf("a text for a model of type %q, which reads pictures: IDX files, or a column of paths to PNG files, named by columns: {image: COLUMN} (of commands, --columns image=COLUMN)", c.Family)
		}
		s.Image, err = r.look.Numbers(ex.Picture, c.Image)
		return s, false, err
	}
	if ex.Picture != nil {
		return s, false, fmt.Errorf("pictures for a model of type %q, which reads texts", r.config.Family)
	}
	in := tokenizer.Input{Text: ex.Prompt}
	if ex.Pair != nil {
		in.Pair, in.Two = *ex.Pair, true
	}
	s.IDs, s.Types, cut, err = r.tokens(in)
	return s, cut, err
}

// tokens encodes one text or two in the tokenizer's template; what is too long loses its end,
// of two texts the longer first, as Transformers' truncation=True has it.
func (r Reader) tokens(in tokenizer.Input) (ids, types []int32, cut bool, err error) {
	o := tokenizer.Options{Special: true}
	all, err := r.encoder.Tokenizer.EncodeBatch([]tokenizer.Input{in}, o)
	if err == nil && len(all[0].Tokens) > r.encoder.Tokens {
		cut, o.Truncate = true, &tokenizer.Truncation{Tokens: r.encoder.Tokens, Strategy: tokenizer.LongestFirst}
		all, err = r.encoder.Tokenizer.EncodeBatch([]tokenizer.Input{in}, o)
	}
	if err != nil {
		return nil, nil, cut, err
	}
	if len(all[0].Tokens) == 0 {
		return nil, nil, cut, errors.New("a text without tokens, and the tokenizer adds none")
	}
	for _, t := range all[0].Tokens {
		ids, types = append(ids, t.ID), append(types, t.Type)
	}
	return ids, types, cut, nil
}

// Join is sequences as one batch for a model.
func Join(c nn.Config, seqs []Sequence) (b nn.Batch) {
	for _, s := range seqs {
		if c.Image != (nn.Image{}) {
			b.Images = append(b.Images, s.Image)
		} else {
			b.IDs = append(b.IDs, s.IDs)
		}
		if c.Types > 0 {
			b.Types = append(b.Types, s.Types)
		}
		switch a := c.Answer; {
		case a.Outputs == 0:
			b.Labels = append(b.Labels, s.Labels)
		case a.Regression || a.Several:
			b.Targets = append(b.Targets, s.Targets)
		default:
			b.Classes = append(b.Classes, s.Class)
		}
	}
	return b
}

// Places counts what a sequence costs a model: its tokens, of source and target together, or
// the places of a picture.
func (s Sequence) Places(c nn.Config) int {
	switch {
	case s.Image != nil:
		return c.MaxPositions
	case c.Decoder != (nn.Decoder{}):
		return len(s.IDs) + len(s.Labels)
	}
	return len(s.IDs)
}
