package methodtest

import (
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// The made-up base is a small Llama with random weights, which knows one token's language.
const (
	blocks = 2
	width  = 8
	seed   = 20
)

// newBase makes the base, as a host lends it: weights under their Hugging Face names, with
// the shape in their metadata.
func newBase(store method.Blobs) (method.Base, error) {
	b := method.Base{Name: "main", Tokenizer: "bytes", Width: width, Blocks: blocks}
	c, err := nn.Design("llama", nn.Shape{Vocab: 16, Width: width, Inner: 12, Layers: blocks, Heads: 2, KVHeads: 1, Context: 16, Tied: true})
	if err != nil {
		return b, err
	}
	m, err := nn.New(c, 1, rng.New(seed).At("base").Stream())
	if err != nil {
		return b, err
	}
	for _, x := range m.Modules() {
		if x.Name != "embed" && x.Name != "lm_head" {
			b.Modules = append(b.Modules, method.Module{Name: x.Name, Out: x.Out, In: x.In})
		}
	}
	weights := m.Tensors()
	weights.Meta = map[string]string{"config": string(c.JSON())}
	b.Blob, err = store.Put(weights)
	return b, err
}

// normal draws n numbers.
func normal(key rng.Key, n int) []float32 {
	stream, x := key.Stream(), make([]float32, n)
	for i := range x {
		x[i] = float32(stream.Norm())
	}
	return x
}

// cohort offers the first n participants of each role, with unequal ranks and data.
func cohort(card method.Card, n int) []method.Participant {
	ranks := []int{4, 2, 8, 1, 3, 6}
	var list []method.Participant
	for _, role := range card.Roles {
		for i := range n {
			list = append(list, method.Participant{
				ID: method.ID{Pool: string(role), Index: i}, Role: role,
				Examples: 3 + 7*(i%5), Rank: ranks[i%len(ranks)], Tier: "plain",
			})
		}
	}
	return list
}

// poolSize is the size of each pool: more than are ever offered.
const poolSize = 20_000

func pools(card method.Card) []method.Pool {
	var list []method.Pool
	for _, role := range card.Roles {
		list = append(list, method.Pool{Role: role, Size: poolSize})
	}
	return list
}
