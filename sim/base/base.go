package base

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/data"
)

// Base is a frozen model and its tokenizer. It is immutable and shared by all workers.
type Base struct {
	Name      string
	Model     *nn.Model
	Tokenizer *tokenizer.Tokenizer // nil: it reads pictures
	Look      data.Look            // at pictures
	Context   int                  // longest sequence in tokens
	drawn     []string             // tensors of a codebook that its folder lacks
	Blob      method.Blob          // hash of Tensors in safetensors form: weights, shape and tokenizer
}

// Cache keeps what took long to make, by key. Load says whether the key is there.
type Cache interface {
	Load(key string) (content []byte, found bool, err error)
	Save(key string, content []byte) error
}

// ErrCache is wrapped by errors of the [Cache]: the ground gave way, and the scenario is
// not to blame.
var ErrCache = errors.New("the cache of bases")

// Watch is told how far a long piece of work is; of 0 means that nobody knows. An error
// ends the work, and is returned as it is.
type Watch func(text string, done, of int) error

// newBase names a model and its tokenizer by their content.
func newBase(title string, m *nn.Model, t *tokenizer.Tokenizer, look data.Look, context int) (*Base, error) {
	b := &Base{Name: title, Model: m, Tokenizer: t, Look: look, Context: context}
	sum := sha256.New()
	if err := safetensors.WriteTensors(sum, b.meta(), m.Sources()); err != nil {
		return nil, err
	}
	b.Blob = method.Blob(hex.EncodeToString(sum.Sum(nil))) // as plugins/blob names content
	return b, nil
}

// Rounding is the base whose products by linear maps round their sides; see [nn.Form].
func (b *Base) Rounding(to string) (*Base, error) {
	m, err := b.Model.Rounding(to)
	if err != nil {
		return nil, fmt.Errorf("base %q: %w", b.Name, err)
	}
	own, err := newBase(b.Name, m, b.Tokenizer, b.Look, b.Context)
	if err != nil {
		return nil, err
	}
	own.drawn = b.drawn
	return own, nil
}

// At is the base with its weights in a room that has them already; see [nn.Model.At].
func (b *Base) At(room []byte) (*Base, error) {
	m, err := b.Model.At(room)
	if err != nil {
		return nil, fmt.Errorf("base %q: %w", b.Name, err)
	}
	own := *b
	own.Model = m
	return &own, nil
}

// meta says of the weights what an answer follows from beside them.
func (b *Base) meta() map[string]string {
	meta := map[string]string{"format": "pt", "config": string(b.Model.Config().JSON())}
	if c := b.Model.Rounds().Contract(); c != "" {
		meta["products"] = c
	}
	if b.Tokenizer != nil {
		meta["tokenizer"] = b.Tokenizer.Hash()
	} else {
		meta["look"] = b.Look.String()
	}
	return meta
}

// Words is the hash of the tokenizer, by which bases are known that read the same tokens; ""
// of one that reads pictures.
func (b *Base) Words() string {
	if b.Tokenizer == nil {
		return ""
	}
	return b.Tokenizer.Hash()
}

// Reader is how examples become what the base reads, in sequences of at most so many tokens
// (0: as long as its context).
func (b *Base) Reader(tokens int) (data.Reader, error) {
	return data.NewReader(b.Model.Config(), b.Tokenizer, b.Look, tokens, b.Context)
}

// Answers says whether the base answers for whole texts or pictures, by a head.
func (b *Base) Answers() bool { return b.Model.Config().Answer.Outputs > 0 }

// Classes are what the base's outputs are called, by their numbers where nobody named them;
// nil where it says tokens.
func (b *Base) Classes() []string {
	c := b.Model.Config()
	if c.Classes != nil || c.Answer.Outputs == 0 {
		return c.Classes
	}
	names := make([]string, c.Answer.Outputs)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// Tensors are the weights under their Hugging Face names. Their metadata have the shape, as
// "config" (a config.json), and the hash of the tokenizer, so that [Base.Blob] names all that
// an answer of the base follows from: equal weights under another rotary base are another base,
// and so they are where products round.
func (b *Base) Tensors() linalg.Tensors {
	t := b.Model.Tensors()
	t.Meta = b.meta()
	return t
}

// Facts is what methods may know of the base.
func (b *Base) Facts() method.Base {
	c := b.Model.Config()
	facts := method.Base{Name: b.Name, Blob: b.Blob, Tokenizer: b.Words(), Width: c.Width, Blocks: c.Layers}
	for _, m := range b.Model.Modules() {
		facts.Modules = append(facts.Modules, method.Module{Name: m.Name, Out: m.Out, In: m.In})
	}
	return facts
}
