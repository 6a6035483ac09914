package actors

import (
	"math"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Held is a blob that a participant keeps or has made, as those who look at it see it.
type Held struct {
	Name  string        `json:"name"`
	Blob  method.Blob   `json:"blob"`
	Bytes int64         `json:"bytes"`          // of its numbers, 4 each; 0: it cannot be read any more
	Norm  ledger.Number `json:"norm,omitempty"` // Frobenius, over all its tensors
}

// weigh opens blobs and says how large they are. One that is gone has no size.
func weigh(blobs method.Blobs, named []method.Named) []Held {
	var out []Held
	for _, n := range named {
		h := Held{Name: n.Name, Blob: n.Blob}
		if t, err := blobs.Open(n.Blob); err == nil {
			h.Bytes, h.Norm = 4*int64(t.Floats()), ledger.Number(norm(t))
		}
		out = append(out, h)
	}
	return out
}

func norm(t method.Tensors) float64 {
	sum := 0.0
	for _, x := range t.List {
		for _, v := range x.Data {
			sum += float64(float64(v) * float64(v))
		}
	}
	return math.Sqrt(sum)
}
