package data

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// Sequence is an example as a model reads it. Labels[i] is IDs[i], or [nn.Ignore] where no
// loss is taken: they are not shifted. The loss compares the prediction made at i−1 with
// Labels[i], and Labels[0] never counts.
//
// Models with a head over whole sequences have a class or numbers instead of labels, those of
// pictures numbers instead of ids; labels of an encoder-decoder are all that its decoder is to
// say, none shifted. See [Reader].
type Sequence struct {
	IDs, Labels []int32
	Types       []int32   // of the tokens, where texts come in pairs
	Image       []float32 // channel by channel, row by row
	Class       int32     // or [nn.Ignore]
	Targets     []float32
}

// Encoder turns examples into sequences of at most Tokens tokens.
type Encoder struct {
	Tokenizer *tokenizer.Tokenizer
	Tokens    int // the longest sequence; at least 2
}

// NewEncoder checks a tokenizer against the length of a sequence: the lesser of the scenario's
// `tokens` (0: no wish) and the base's context. A wish above the context is an error.
func NewEncoder(t *tokenizer.Tokenizer, tokens, context int) (Encoder, error) {
	if tokens == 0 {
		tokens = context
	}
	if tokens > context {
		return Encoder{}, fmt.Errorf("tokens: %d is longer than the base's context of %d; choose at most that", tokens, context)
	}
	if tokens < 2 {
		return Encoder{}, fmt.Errorf("tokens: a sequence needs at least 2 tokens, found %d", tokens)
	}
	return Encoder{Tokenizer: t, Tokens: tokens}, nil
}

// Sequence encodes <s>, the prompt, the answer and </s> (whichever of the two the tokenizer
// has). Prompt and answer are encoded apart, so that the prompt's ids do not depend on the
// answer. Labels stand on the answer and </s>; with inputs, on the prompt too.
//
// An example that is too long loses the beginning of its prompt first, since the end of a
// prompt is where it asks; but a quarter of the sequence is left to the prompt, and if that is
// not enough the answer loses its end and </s>. truncated says that either happened. So an
// answer always keeps tokens: at least a token of it is in every sequence.
func (e Encoder) Sequence(ex Example, inputs bool) (s Sequence, truncated bool) {
	var front, back []int32
	if id, ok := e.Tokenizer.BOS(); ok {
		front = []int32{id}
	}
	prompt := e.Tokenizer.Encode(ex.Prompt, false)
	back = e.Tokenizer.Encode(ex.Answer, false)
	if id, ok := e.Tokenizer.EOS(); ok {
		back = append(back, id)
	}
	room := e.Tokens - len(front) // for prompt and back
	if len(prompt)+len(back) > room {
		truncated = true
		keep := min(len(prompt), max(room-len(back), e.Tokens/4))
		prompt = prompt[len(prompt)-keep:]
		back = back[:min(len(back), room-keep)]
	}
	ids := make([]int32, 0, len(front)+len(prompt)+len(back))
	ids = append(append(append(ids, front...), prompt...), back...)
	labels := make([]int32, len(ids))
	copy(labels, ids)
	for i := range len(front) {
		labels[i] = nn.Ignore
	}
	if !inputs {
		for i := range len(front) + len(prompt) {
			labels[i] = nn.Ignore
		}
	}
	return Sequence{IDs: ids, Labels: labels}, truncated
}
