package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// A branch with a key is gated: y = W·x + σ(key·x)·Scale·B·A·x, one gate a token
// (Muqeeth et al. 2024, PHATGOOSE, section 3.2). The key lies below the branch's A in the
// lane's stack, so that the products which serve the factors serve it too: z gets a column
// more, which the forward pass turns into the gate, and the way back into its gradient.

// TrainKey is TrainA for the key of the gate.
func (b *Branch) TrainKey() { b.GradKey = make([]float32, len(b.Key)) }

// checkKey is check for the gate.
func (b *Branch) checkKey(m Module) error {
	switch {
	case b.Key == nil && b.GradKey == nil:
		return nil
	case len(b.Key) != m.In:
		return fmt.Errorf("the key of the gate has %d numbers; the module has %d inputs", len(b.Key), m.In)
	case b.GradKey != nil && len(b.GradKey) != len(b.Key):
		return fmt.Errorf("the gradient of the key has %d numbers; there are %d", len(b.GradKey), len(b.Key))
	case m.linear == nil:
		return fmt.Errorf("a gate on an embedding is not supported; supported: linear maps")
	case b.Magnitude != nil || b.Bias != nil || b.Dropout > 0:
		return fmt.Errorf("a gate beside magnitudes, a bias or dropout is not supported yet; supported: A and B")
	}
	return nil
}

// columns is how many columns of z the branch has: its rank, and one for the key.
func (b *Branch) columns() int {
	if b.Key != nil {
		return b.Rank + 1
	}
	return b.Rank
}

// gates scales z by the gates, which take the place of key·x.
func (l *lane) gates(z kernel.Matrix) {
	for i := range l.branches {
		b := &l.branches[i]
		if b.Key == nil {
			continue
		}
		for t := range z.Rows {
			own := z.Row(t)[b.at : b.at+b.columns()]
			gate := kernel.Sigmoid(own[b.Rank])
			own[b.Rank] = gate
			kernel.Scale(own[:b.Rank], gate)
		}
	}
}

// gateBack takes dz, the gradient of the gated z, to that of A·x, and its last column to
// that of key·x: (1−gate)·Σ dz∘z, z being gated already.
func (l *lane) gateBack(b *attached, dz kernel.Matrix, at int) {
	for t := range dz.Rows {
		z := l.z[(at+t)*l.rank+b.at:]
		own := dz.Row(t)[b.at : b.at+b.columns()]
		gate := z[b.Rank]
		var sum float32
		for k := range b.Rank {
			sum += float32(own[k] * z[k])
			own[k] *= gate
		}
		own[b.Rank] = (1 - gate) * sum
	}
}
