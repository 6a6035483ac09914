package world

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
)

// A source's tokens go through the encoder and through what the decoder makes of them; a
// target's through the rest and the head.
func TestPairParams(t *testing.T) {
	c, err := nn.Design("t5", nn.Shape{Vocab: 11, Width: 8, Inner: 20, Layers: 3, Heads: 2, KVHeads: 2, Context: 16, Tied: true})
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.New(c, 0.1, rng.New(1).Stream())
	if err != nil {
		t.Fatal(err)
	}
	read, say := pairParams(m)
	block, cross, mlp := 4*8*8, 2*8*8, 2*8*20
	if want := 3*(block+mlp) + 3*cross; read != want {
		t.Errorf("sources: %d, expected %d", read, want)
	}
	if want := 3*(block+mlp) + 3*cross + 11*8; say != want {
		t.Errorf("targets: %d, expected %d", say, want)
	}
}
