package methodtest

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// shapes are the modules of a block of the made-up base: Out, In.
var shapes = []method.Module{
	{Name: "q", Out: 8, In: 8}, {Name: "k", Out: 4, In: 8}, {Name: "v", Out: 4, In: 8}, {Name: "o", Out: 8, In: 8},
	{Name: "gate", Out: 12, In: 8}, {Name: "up", Out: 12, In: 8}, {Name: "down", Out: 8, In: 12},
}

const (
	blocks = 2
	width  = 8
	seed   = 20
)

// newBase makes a base with random weights, tensors named by module.
func newBase(store method.Blobs) (method.Base, error) {
	b := method.Base{Name: "main", Tokenizer: "bytes", Width: width, Blocks: blocks}
	var weights method.Tensors
	for i := range blocks {
		for _, s := range shapes {
			s.Name = fmt.Sprintf("%d.%s", i, s.Name)
			b.Modules = append(b.Modules, s)
			weights.List = append(weights.List, method.Tensor{Name: s.Name, Shape: []int{s.Out, s.In},
				Data: normal(rng.New(seed).At("base", s.Name), s.Out*s.In)})
		}
	}
	var err error
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
