package base

import (
	"encoding/json"
	"fmt"

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
	texts := set.Texts()
	tok, err := vocabulary(r, set, texts)
	if err != nil {
		return fail(err)
	}
	config, err := configOf(r, tok.Vocab())
	if err != nil {
		return fail(err)
	}
	key, err := keyOf(r, texts, tok, contract)
	if err != nil {
		return fail(err)
	}
	kept, err := load(title, config, tok, key, cache, watch)
	if err != nil {
		return fail(err)
	}
	if kept != nil {
		return kept, nil
	}
	model, err := pretrain(title, config, r, texts, tok, watch)
	if err != nil {
		return fail(err)
	}
	b, err := newBase(title, model, tok, r.Context)
	if err != nil {
		return fail(err)
	}
	if err := save(b, key, cache); err != nil {
		return fail(err)
	}
	return b, nil
}

// vocabulary is a BPE trained on the texts where the recipe wants one; else the generator's
// own words, or the most frequent of the texts.
func vocabulary(r scenario.Recipe, set *data.Set, texts []string) (*tokenizer.Tokenizer, error) {
	if r.Vocab > 0 {
		tok, _, err := tokenizer.Train(texts, tokenizer.Training{Vocab: r.Vocab, Special: []string{"<s>", "</s>"}})
		return tok, err
	}
	if set.Words != nil {
		return tokenizer.Words(set.Words)
	}
	return tokenizer.Words(tokenizer.Vocabulary(texts, maxWords))
}

func configOf(r scenario.Recipe, vocab int) (nn.Config, error) {
	return nn.Design(r.Family, nn.Shape{Vocab: vocab, Width: r.Width, Inner: r.Hidden, Layers: r.Blocks, Heads: r.Heads, KVHeads: r.KVHeads,
		Context: r.Context, Tied: r.Tied})
}

// keyOf names a pre-trained base by all that it follows from.
func keyOf(r scenario.Recipe, texts []string, tok *tokenizer.Tokenizer, contract string) (string, error) {
	b, err := json.Marshal(struct {
		Contract, Tokenizer string
		Recipe              scenario.Recipe
		Texts               []string
	}{contract, tok.Hash(), r, texts})
	if err != nil {
		return "", err
	}
	return "base-" + ledger.Digest(b), nil
}
