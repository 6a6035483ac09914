package nn

import (
	"bytes"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// A digest has every number of a model: it changes with any tensor's last one, and not
// otherwise.
func TestDigest(t *testing.T) {
	for _, family := range []string{"gpt2", "llama", "t5"} {
		c, err := Design(family, Shape{Vocab: 40, Width: 16, Inner: 24, Layers: 1, Heads: 2, KVHeads: 2, Context: 8})
		if err != nil {
			t.Fatal(err)
		}
		m, err := New(c, 0.3, rng.New(1).Stream())
		if err != nil {
			t.Fatal(err)
		}
		digest := func(m *Model) []byte {
			var b bytes.Buffer
			if err := m.Digest(&b); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		}
		whole := digest(m)
		for _, changed := range m.Tensors().List {
			var ts []safetensors.Tensor
			for _, x := range m.Tensors().List {
				data := append([]float32(nil), x.Data...)
				if x.Name == changed.Name {
					data[len(data)-1]++
				}
				one, err := safetensors.FromFloats(x.Name, "F32", x.Shape, data)
				if err != nil {
					t.Fatal(err)
				}
				ts = append(ts, one)
			}
			other, err := LoadAs(c, ts, Form{})
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(digest(other), whole) {
				t.Errorf("%s: %s has another number, and the digest is the same", family, changed.Name)
			}
		}
		if !bytes.Equal(digest(m), whole) {
			t.Errorf("%s: two digests of one model differ", family)
		}
	}
}
