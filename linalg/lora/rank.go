package lora

import (
	"fmt"
	"slices"
)

// Pad fills pairs of a smaller rank up with zeros: rows of A, columns of B. The change
// that they make stays what it was. Dense pairs and larger ones are left alone.
func (a Adapter) Pad(rank int) Adapter {
	out := slices.Clone(a)
	for i, p := range a {
		if p.Dense() || p.Rank >= rank {
			continue
		}
		out[i].Rank = rank
		out[i].A = append(slices.Clone(p.A), make([]float32, (rank-p.Rank)*p.In)...)
		out[i].B = columns(p.B, p.Rank, rank)
	}
	return out
}

// Truncate keeps the leading rows of A and columns of B in pairs of a larger rank: what
// a client that can hold no more receives. Dense pairs have no leading rows, and a pair
// that moved the base would lose what it moved it by: both are refused.
func (a Adapter) Truncate(rank int) (Adapter, error) {
	if rank < 1 {
		return nil, fmt.Errorf("lora: cutting to rank %d, expected at least 1", rank)
	}
	out := slices.Clone(a)
	for i, p := range a {
		switch {
		case p.Dense():
			return nil, fmt.Errorf("lora: module %s is dense: it has no leading %d rows to keep", p.Module, rank)
		case p.Rank <= rank:
			continue
		case p.Started():
			return nil, fmt.Errorf("lora: module %s began from factors of its own: cut to rank %d, its change would no longer be 0 at the start; make the start anew at that rank", p.Module, rank)
		}
		out[i].Rank = rank
		out[i].A = slices.Clone(p.A[:rank*p.In])
		out[i].B = columns(p.B, p.Rank, rank)
	}
	return out, nil
}

// Rescale states the same change at another scale: B, and B0, are multiplied by the ratio
// of the old scale and the new, so that A trains on as it was.
func (a Adapter) Rescale(scale float64) Adapter {
	out := slices.Clone(a)
	for i, p := range a {
		if p.Scale == scale {
			continue
		}
		ratio := p.Scale / scale
		out[i].Scale = scale
		out[i].B = times(p.B, ratio)
		out[i].B0 = times(p.B0, ratio)
		out[i].D = times(p.D, ratio)
	}
	return out
}

// MaxRank is the largest rank that makes sense for a weight: above it, factors are larger
// than they need to be for any change at all.
func MaxRank(out, in int) int { return min(out, in) }

// columns copies a row-major matrix of from columns into one of to columns, leading
// columns first, zeros after them.
func columns(x []float32, from, to int) []float32 {
	rows := len(x) / from
	out := make([]float32, rows*to)
	for i := range rows {
		copy(out[i*to:(i+1)*to], x[i*from:(i+1)*from])
	}
	return out
}

// times is x·c, rounded once; nil stays nil.
func times(x []float32, c float64) []float32 {
	if x == nil {
		return nil
	}
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(float64(v) * c)
	}
	return out
}
