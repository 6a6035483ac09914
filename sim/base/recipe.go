package base

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
)

// maxWords bounds the vocabulary that is made of a user's own texts: the most frequent.
const maxWords = 4096

// FromRecipe makes the base that a recipe describes, or finds it in the cache. contract
// names what the numbers promise; a base made under another is another base. An entry of
// the cache that is damaged is made again, and watch is told so.
func FromRecipe(title string, r scenario.Recipe, set *data.Set, contract string, cache Cache, watch Watch) (*Base, error) {
	fail := func(err error) (*Base, error) { return nil, fmt.Errorf("base %q: %w", title, err) }
	p, err := planned(r, set)
	if err != nil {
		return fail(err)
	}
	key, err := p.key(contract)
	if err != nil {
		return fail(err)
	}
	kept, err := load(title, p.config, p.tok, p.look, key, cache, watch)
	if err != nil {
		return fail(err)
	}
	if kept != nil {
		return kept, nil
	}
	model, err := p.pretrain(title, watch)
	if err != nil {
		return fail(err)
	}
	b, err := newBase(title, model, p.tok, p.look, p.config.MaxPositions)
	if err != nil {
		return fail(err)
	}
	if err := save(b, key, cache); err != nil {
		return fail(err)
	}
	return b, nil
}

// plan is a recipe with what follows from its data before anything is trained.
type plan struct {
	recipe scenario.Recipe
	set    *data.Set
	texts  []string             // nil: it reads pictures
	tok    *tokenizer.Tokenizer // nil: likewise
	look   data.Look
	config nn.Config
}

func planned(r scenario.Recipe, set *data.Set) (p plan, err error) {
	p = plan{recipe: r, set: set, look: data.Look{}}
	shape := nn.Shape{Width: r.Width, Inner: r.Hidden, Layers: r.Blocks, Heads: r.Heads, KVHeads: r.KVHeads, Context: r.Context, Tied: r.Tied, Window: r.Window}
	if r.Image > 0 {
		p.look, shape.Image = data.PlainLook(), nn.Image{Size: r.Image, Patch: r.Patch, Channels: r.Channels}
	} else {
		p.texts = set.Texts()
		if p.tok, err = vocabulary(r, set, p.texts); err != nil {
			return p, err
		}
		shape.Vocab = p.tok.Vocab()
	}
	var classes []string
	if scenario.Answers(r.Family) {
		classes = data.Classes(slices.Concat(set.Train, set.Test), false)
		shape.Classes = len(classes)
	}
	p.config, err = nn.Design(r.Family, shape)
	p.config.Classes = classes
	return p, err
}

// vocabulary is that of the data. Answers end with a token of their own where a decoder is to
// write them by themselves.
func vocabulary(r scenario.Recipe, set *data.Set, texts []string) (*tokenizer.Tokenizer, error) {
	tok, err := wordsOf(r, set, texts)
	if err != nil || !scenario.Pairs(r.Family) {
		return tok, err
	}
	return tok.Ending()
}

// wordsOf is a BPE trained on the texts where the recipe wants one; else the generator's own
// words, or the most frequent of the texts.
func wordsOf(r scenario.Recipe, set *data.Set, texts []string) (*tokenizer.Tokenizer, error) {
	if r.Vocab > 0 {
		tok, _, err := tokenizer.Train(texts, tokenizer.Training{Vocab: r.Vocab, Special: []string{"<s>", "</s>"}})
		return tok, err
	}
	if set.Words != nil {
		return tokenizer.Words(set.Words)
	}
	return tokenizer.Words(tokenizer.Vocabulary(texts, maxWords))
}

// byExample says whether the model learns the answers of examples, rather than texts.
func (p plan) byExample() bool {
	return p.config.Answer.Outputs > 0 || p.config.Decoder != (nn.Decoder{})
}

// key names a pre-trained base by all that it follows from.
func (p plan) key(contract string) (string, error) {
	var of struct {
		Contract, Tokenizer string
		Recipe              scenario.Recipe
		Texts               []string
		Rows                []uint64 `json:",omitempty"` // of a base that learns answers
		Classes             []string `json:",omitempty"`
	}
	of.Contract, of.Recipe, of.Texts, of.Classes = contract, p.recipe, p.texts, p.config.Classes
	if p.tok != nil {
		of.Tokenizer = p.tok.Hash()
	}
	if p.byExample() {
		for _, e := range p.set.Train {
			of.Rows = append(of.Rows, e.Hash)
		}
	}
	b, err := json.Marshal(of)
	if err != nil {
		return "", err
	}
	return "base-" + ledger.Digest(b), nil
}
