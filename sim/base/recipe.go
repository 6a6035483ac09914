package base

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
)

// maxWords bounds the vocabulary that is made of a user's own texts: the most frequent.
const maxWords = 4096

// FromRecipe makes the base that a recipe describes, or finds it in the cache. contract
// names what the numbers promise; a base made under another is another base.
func FromRecipe(title string, r scenario.Recipe, set *data.Set, contract string, cache Cache, watch Watch) (*Base, error) {
	texts := set.Texts()
	tok, err := vocabulary(set, texts)
	if err != nil {
		return nil, fmt.Errorf("base %q: %w", title, err)
	}
	config, err := configOf(r, tok.Vocab())
	if err != nil {
		return nil, fmt.Errorf("base %q: %w", title, err)
	}
	key, err := keyOf(r, texts, tok, contract)
	if err != nil {
		return nil, err
	}
	model, err := cached(config, key, cache)
	if err != nil {
		return nil, fmt.Errorf("base %q: the cached copy: %w", title, err)
	}
	if model == nil {
		if model, err = pretrain(title, config, r, texts, tok, watch); err != nil {
			return nil, fmt.Errorf("base %q: %w", title, err)
		}
		b, err := safetensors.EncodeTensors(model.Tensors())
		if err != nil {
			return nil, err
		}
		if err := cache.Save(key, b); err != nil {
			return nil, fmt.Errorf("base %q could not be cached: %w", title, err)
		}
	}
	hash, err := name(model)
	if err != nil {
		return nil, err
	}
	return &Base{Name: title, Model: model, Tokenizer: tok, Context: r.Context, Blob: hash}, nil
}

// vocabulary is the generator's own words, or the most frequent of the texts.
func vocabulary(set *data.Set, texts []string) (*tokenizer.Tokenizer, error) {
	if set.Words != nil {
		return tokenizer.Words(set.Words)
	}
	return tokenizer.Words(tokenizer.Vocabulary(texts, maxWords))
}

func configOf(r scenario.Recipe, vocab int) (nn.Config, error) {
	c := nn.Config{Vocab: vocab, Width: r.Width, Inner: r.Hidden, Layers: r.Blocks, Heads: r.Heads, KVHeads: r.KVHeads,
		HeadDim: r.Width / max(r.Heads, 1), Eps: 1e-5, Tied: r.Tied, MaxPositions: r.Context, BOS: -1, Rope: nn.Rope{Kind: "default", Theta: 10000}}
	if r.Heads > 0 && r.Width%r.Heads != 0 {
		return c, fmt.Errorf("d %d cannot be shared by %d heads", r.Width, r.Heads)
	}
	return c, c.Check()
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

// cached returns nil where the cache does not have the key.
func cached(c nn.Config, key string, cache Cache) (*nn.Model, error) {
	b, found, err := cache.Load(key)
	if err != nil || !found {
		return nil, err
	}
	t, err := safetensors.DecodeTensors(b)
	if err != nil {
		return nil, err
	}
	return nn.FromTensors(c, t)
}

// pretrain trains all weights on the texts, each a sequence of its own, in shuffled
// epochs until so many tokens were seen: AdamW, cosine after 5 % warm-up, clip 1. Weights
// begin normal with deviation √(2/(5d)) (Nguyen and Salazar 2019): at the 0.02 of large
// models the attention of a narrow one stays all but dead.
func pretrain(title string, c nn.Config, r scenario.Recipe, texts []string, tok *tokenizer.Tokenizer, watch Watch) (*nn.Model, error) {
	key := rng.New(r.Pretrain.Seed).At("pretrain")
	model, err := nn.New(c, math.Sqrt(2/float64(5*c.Width)), key.At("init").Stream())
	if err != nil {
		return nil, err
	}
	sequences, err := encode(texts, tok, r.Context)
	if err != nil {
		return nil, err
	}
	batches := draw(sequences, r.Pretrain.Tokens, r.Pretrain.Batch, key.At("order"))
	run := nn.NewRunner(model)
	params := run.TrainBase(func(string) bool { return true })
	optimiser := nn.NewAdamW(0.9, 0.999, 1e-8, 0)
	schedule := nn.Schedule{Name: "cosine", Warmup: len(batches) / 20, Total: len(batches)}
	for i, b := range batches {
		watch("pre-training base "+title, i, len(batches))
		if err := run.Forward(b); err != nil {
			return nil, err
		}
		nn.ZeroGrads(params)
		total, _ := run.Backward(nil)
		if m := total.Mean(); math.IsNaN(m) || math.IsInf(m, 0) {
			return nil, fmt.Errorf("pre-training diverged at update %d of %d: the loss is %g; lower `pretrain.lr` (%g)", i+1, len(batches), m, r.Pretrain.Rate)
		}
		nn.ClipNorm(params, 1)
		optimiser.Step(params, r.Pretrain.Rate*schedule.Rate(i))
	}
	watch("pre-training base "+title, len(batches), len(batches))
	return run.Model(), nil
}

func encode(texts []string, tok *tokenizer.Tokenizer, context int) ([]data.Sequence, error) {
	e, err := data.NewEncoder(tok, 0, context)
	if err != nil {
		return nil, err
	}
	out := make([]data.Sequence, len(texts))
	for i, t := range texts {
		out[i], _ = e.Sequence(data.Example{Answer: t}, true)
	}
	return out, nil
}

// draw deals sequences into batches, epoch after epoch in a new order, until the batches
// hold at least so many tokens.
func draw(all []data.Sequence, tokens, size int, key rng.Key) (batches []nn.Batch) {
	var b nn.Batch
	for epoch := 0; tokens > 0; epoch++ {
		for _, i := range key.At(epoch).Stream().Perm(len(all)) {
			b.IDs, b.Labels = append(b.IDs, all[i].IDs), append(b.Labels, all[i].Labels)
			tokens -= len(all[i].IDs)
			if len(b.IDs) == size || tokens <= 0 {
				batches, b = append(batches, b), nn.Batch{}
			}
			if tokens <= 0 {
				break
			}
		}
	}
	return batches
}
