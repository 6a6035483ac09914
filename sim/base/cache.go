package base

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/data"
)

// metaBlob is the metadata key under which an entry says which base it is: an entry whose
// weights hash to anything else was damaged.
const metaBlob = "blob"

// load finds a base in the cache. It returns nil where the key is not there, and also where
// the entry is damaged, which watch is told.
func load(title string, c nn.Config, tok *tokenizer.Tokenizer, look data.Look, key string, cache Cache, watch Watch) (*Base, error) {
	content, found, err := cache.Load(key)
	if err != nil {
		return nil, fmt.Errorf("%w: reading: %w", ErrCache, err)
	}
	if !found {
		return nil, nil
	}
	b, err := read(title, c, tok, look, content)
	if err != nil {
		return nil, watch(fmt.Sprintf("the cached base %s is damaged (%v) and is made again", title, err), 0, 0)
	}
	return b, nil
}

func read(title string, c nn.Config, tok *tokenizer.Tokenizer, look data.Look, content []byte) (*Base, error) {
	t, err := safetensors.DecodeTensors(content)
	if err != nil {
		return nil, err
	}
	model, err := nn.FromTensors(c, t)
	if err != nil {
		return nil, err
	}
	b, err := newBase(title, model, tok, look, c.MaxPositions)
	if err != nil {
		return nil, err
	}
	if says := method.Blob(t.Meta[metaBlob]); says != b.Blob {
		return nil, fmt.Errorf("it says that it is %.12s…, its content is %.12s…", says, b.Blob)
	}
	return b, nil
}

// save keeps a base with the hash that load holds it against.
func save(b *Base, key string, cache Cache) error {
	t := b.Tensors()
	t.Meta[metaBlob] = string(b.Blob)
	content, err := safetensors.EncodeTensors(t)
	if err != nil {
		return err
	}
	if err := cache.Save(key, content); err != nil {
		return fmt.Errorf("%w: writing: %w", ErrCache, err)
	}
	return nil
}
