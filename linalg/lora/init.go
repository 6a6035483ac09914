package lora

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Module is a linear map of a base that can be adapted.
type Module struct {
	Name    string // ours: "3.q"
	Path    string // Hugging Face's: "model.layers.3.self_attn.q_proj"; only PEFT folders need it
	Out, In int
	// Where a checkpoint keeps several maps in one layer (GPT-2's c_attn), Path is the
	// layer's, which has LayerOut rows, and the module is those from First on. LayerOut 0:
	// the module is the layer.
	First, LayerOut int
}

// Init is how A begins; B is 0, so that the adapter changes nothing at first.
type Init interface {
	fill(s *rng.Stream, a []float32, in int)
}

// Kaiming draws A uniform in ±1/√in: the Kaiming-uniform rule at a = √5, which is what
// PEFT does by default (Hu et al. 2021 draw from a normal).
type Kaiming struct{}

// Gaussian draws A normal with deviation Std. PEFT's "gaussian" is Std = 1/rank.
type Gaussian struct{ Std float64 }

func (Kaiming) fill(s *rng.Stream, a []float32, in int) {
	bound := 1 / math.Sqrt(float64(in))
	for i := range a {
		a[i] = float32(s.Uniform(-bound, bound))
	}
}

func (g Gaussian) fill(s *rng.Stream, a []float32, _ int) {
	for i := range a {
		a[i] = float32(g.Std * s.Norm())
	}
}

// Fresh is a new pair for module m. The draws depend on the key and the module's name
// alone, so neither the order nor the number of modules matters; rows are drawn in order,
// so a fresh pair of rank 2 is the leading rows of a fresh pair of rank 8. It panics
// unless 1 ≤ rank ≤ [MaxRank] and scale is not 0: both are checked where they are read.
func Fresh(key rng.Key, m Module, rank int, scale float64, init Init) Pair {
	if rank > MaxRank(m.Out, m.In) {
		panic(fmt.Sprintf("lora: rank %d for module %s of %d×%d", rank, m.Name, m.Out, m.In))
	}
	p := Pair{Module: m.Name, Out: m.Out, In: m.In, Rank: rank, Scale: scale}
	p.A = make([]float32, max(rank, 0)*m.In)
	p.B = make([]float32, m.Out*max(rank, 0))
	if err := p.Check(); err != nil {
		panic("lora: " + err.Error())
	}
	init.fill(key.At(m.Name).Stream(), p.A, m.In)
	return p
}
