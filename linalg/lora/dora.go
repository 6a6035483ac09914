package lora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
)

// kindDora marks tensors of an adapter with magnitudes. Whoever reads adapters to add them up
// never meets one unprepared: [ParseFactors] reads it, [Parse] does not.
const kindDora = "dora"

// Magnified says whether any pair has magnitudes (DoRA; Liu et al. 2024).
func (a Adapter) Magnified() bool {
	for _, p := range a {
		if p.M != nil {
			return true
		}
	}
	return false
}

// IsDora says whether tensors call themselves an adapter with magnitudes.
func IsDora(t linalg.Tensors) bool { return t.Meta[metaKind] == kindDora }

// DeltaOn is [Pair.Delta] on a weight: with magnitudes the rows of W + s·B·A are made as long
// as those say.
func (p Pair) DeltaOn(w linalg.Dense) linalg.Dense {
	m := p.M
	p.M = nil
	d := p.Delta()
	if m == nil {
		return d
	}
	d.Add(1, w)
	for i := range d.Rows {
		row := d.Row(i)
		length := linalg.Norm(row)
		for j := range row {
			row[j] *= float64(m[i]) / length
		}
	}
	d.Add(-1, w)
	return d
}

// Lengths are those of the rows of W + s·B·A: the magnitudes with which a pair changes nothing
// more than it does without.
func (p Pair) Lengths(w linalg.Dense) []float32 {
	p.M = nil
	d := p.Delta()
	d.Add(1, w)
	out := make([]float32, d.Rows)
	for i := range out {
		out[i] = float32(linalg.Norm(d.Row(i)))
	}
	return out
}

// plain refuses magnitudes, which cannot be added up.
func (p Pair) plain() error {
	if p.M != nil {
		return fmt.Errorf("lora: module %s has magnitudes (DoRA): what it changes is no product of factors, and cannot be added up", p.Module)
	}
	return nil
}
