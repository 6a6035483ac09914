package lora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
)

const kindEmbeddings = "embeddings"

// Embeddings are examples as vectors of one width, a row each: what an expert is found by where
// inputs are compared with stored ones.
type Embeddings struct {
	Width int
	Rows  []float32
}

// Tensors is what embeddings are as the content of a blob.
func (e Embeddings) Tensors() linalg.Tensors {
	return linalg.Tensors{Meta: map[string]string{"kind": kindEmbeddings}, List: []linalg.Tensor{{Name: "rows", Shape: []int{len(e.Rows) / e.Width, e.Width}, Data: e.Rows}}}
}

// ParseEmbeddings reads what [Embeddings.Tensors] wrote.
func ParseEmbeddings(t linalg.Tensors) (e Embeddings, err error) {
	if t.Meta["kind"] != kindEmbeddings || len(t.List) != 1 || len(t.List[0].Shape) != 2 || t.List[0].Shape[1] < 1 || len(t.List[0].Data) != t.List[0].Shape[0]*t.List[0].Shape[1] {
		return e, fmt.Errorf("lora: these tensors are of kind %q, %d of them; expected %q, one matrix", t.Meta["kind"], len(t.List), kindEmbeddings)
	}
	return Embeddings{t.List[0].Shape[1], t.List[0].Data}, nil
}
