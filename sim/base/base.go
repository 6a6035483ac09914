package base

import (
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// Base is a frozen model and its tokenizer. It is immutable and shared by all workers.
type Base struct {
	Name      string
	Model     *nn.Model
	Tokenizer *tokenizer.Tokenizer
	Context   int         // longest sequence in tokens
	Blob      method.Blob // hash of the weights in safetensors form
}

// Cache keeps what took long to make, by key. Load says whether the key is there.
type Cache interface {
	Load(key string) (content []byte, found bool, err error)
	Save(key string, content []byte) error
}

// Watch is told how far a long piece of work is.
type Watch func(text string, done, of int)

// Facts is what methods may know of the base.
func (b *Base) Facts() method.Base {
	c := b.Model.Config()
	facts := method.Base{Name: b.Name, Blob: b.Blob, Tokenizer: b.Tokenizer.Hash(), Width: c.Width, Blocks: c.Layers}
	for _, m := range b.Model.Modules() {
		facts.Modules = append(facts.Modules, method.Module{Name: m.Name, Out: m.Out, In: m.In})
	}
	return facts
}

// name hashes the weights as they would stand in a file.
func name(m *nn.Model) (method.Blob, error) {
	b, err := safetensors.EncodeTensors(m.Tensors())
	if err != nil {
		return "", err
	}
	return blob.Name(b), nil
}
