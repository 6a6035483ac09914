package lora

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
)

// Factors is an adapter as far as it is known: each pair has A, B or both. It is what
// travels where one factor is shared and the other stays where it was trained, as in
// FedSA-LoRA (Guo et al. 2024). Of a pair without A the number of columns is 0, of one
// without B the number of rows.
type Factors []Pair

// kindFactors marks tensors of which single factors may be missing.
const kindFactors = "factors"

// Only is one factor, "A" or "B", of every pair, with the factor of its start. It shares
// memory with the adapter. A dense pair has no factors.
func (a Adapter) Only(factor string) (Factors, error) {
	out := make(Factors, len(a))
	for i, p := range a {
		if p.Dense() {
			return nil, fmt.Errorf("lora: module %s is dense: it has no factor %s", p.Module, factor)
		}
		out[i] = Pair{Module: p.Module, Rank: p.Rank, Scale: p.Scale}
		switch factor {
		case "A":
			out[i].In, out[i].A, out[i].A0 = p.In, p.A, p.A0
		case "B":
			out[i].Out, out[i].B, out[i].B0, out[i].M = p.Out, p.B, p.B0, p.M
		default:
			return nil, fmt.Errorf("lora: %q is no factor, expected A or B", factor)
		}
	}
	return out, nil
}

// IsFactors says whether tensors call themselves single factors; [ParseFactors] reads them.
func IsFactors(t linalg.Tensors) bool { return t.Meta[metaKind] == kindFactors }

// ParseFactors reads a whole adapter, be it with magnitudes, or single factors of one; the
// magnitudes go with B. The result shares memory
// with the tensors.
func ParseFactors(t linalg.Tensors) (Factors, error) {
	if Is(t) {
		a, err := Parse(t)
		return Factors(a), err
	}
	if !IsFactors(t) && !IsDora(t) {
		return nil, fmt.Errorf("lora: these tensors are of kind %q, expected %q or %q", t.Meta[metaKind], kind, kindFactors)
	}
	a, err := pairs(t)
	if err != nil {
		return nil, err
	}
	return Factors(a), Factors(a).Check()
}

// Check says what keeps the factors from being some: shapes, scales, names.
func (f Factors) Check() error {
	if len(f) == 0 {
		return fmt.Errorf("lora: factors of not a single module")
	}
	for _, p := range f {
		switch {
		case p.A != nil && p.B != nil || p.Dense():
			if err := p.Check(); err != nil {
				return fmt.Errorf("lora: %w", err)
			}
		case p.A == nil && p.B == nil:
			return fmt.Errorf("lora: module %s has neither A nor B", p.Module)
		case p.A != nil && len(p.A) != p.Rank*p.In || p.B != nil && len(p.B) != p.Out*p.Rank:
			return fmt.Errorf("lora: module %s has %d numbers in A and %d in B at rank %d, %d rows and %d columns", p.Module, len(p.A), len(p.B), p.Rank, p.Out, p.In)
		case p.M != nil && (len(p.M) != p.Out || p.B0 != nil):
			return fmt.Errorf("lora: module %s has %d magnitudes for %d rows, or beside a start", p.Module, len(p.M), p.Out)
		case p.A == nil && p.A0 != nil || p.B == nil && p.B0 != nil:
			return fmt.Errorf("lora: module %s has a start's factor without its own", p.Module)
		}
	}
	return nil
}

// Tensors is the form in which factors travel. It panics where [Factors.Check] would not pass.
func (f Factors) Tensors() linalg.Tensors {
	if err := f.Check(); err != nil {
		panic(err.Error())
	}
	return tensorsOf(f, kindFactors)
}

// Over lays factors over others, module by module and factor by factor; what it does not
// have is as below. Factors of unequal rank meet at the smaller: leading rows of A, leading
// columns of B. The scale is that of the pair that brings B.
func (f Factors) Over(below Factors) (Factors, error) {
	out := slices.Clone(below)
	for _, p := range f {
		i := slices.IndexFunc(out, func(q Pair) bool { return q.Module == p.Module })
		if i < 0 {
			out = append(out, p)
			continue
		}
		a, b := p, p
		if p.Dense() || p.A != nil && p.B != nil {
			out[i] = p
			continue
		}
		if p.A == nil {
			a = out[i]
		} else {
			b = out[i]
		}
		q, err := meet(a, b)
		if err != nil {
			return nil, err
		}
		out[i] = q
	}
	return out, nil
}

// meet is the pair of the A of one and the B of another, either of which may be missing.
func meet(a, b Pair) (Pair, error) {
	switch {
	case a.Dense() || b.Dense():
		return Pair{}, fmt.Errorf("lora: module %s is dense on one side: a single factor cannot be laid over it, nor it under one", a.Module)
	case a.A == nil && b.B == nil:
		panic("lora: two pairs without a factor between them")
	case a.A == nil:
		return b.withoutA(), nil
	case b.B == nil:
		return a.withoutB(), nil
	}
	out := Pair{Module: a.Module, Out: b.Out, In: a.In, Rank: min(a.Rank, b.Rank), Scale: b.Scale, A0: a.A0, B0: b.B0, M: b.M}
	if (out.A0 != nil || out.B0 != nil) && a.Rank != b.Rank {
		return Pair{}, fmt.Errorf("lora: module %s began from factors of its own, and its A has rank %d and its B rank %d", a.Module, a.Rank, b.Rank)
	}
	out.A, out.B = a.A[:out.Rank*out.In], b.B
	if out.Rank < b.Rank {
		out.B = columns(b.B, b.Rank, out.Rank)
	}
	return out, out.Check()
}

func (p Pair) withoutA() Pair { p.A, p.A0, p.In = nil, nil, 0; return p }
func (p Pair) withoutB() Pair { p.B, p.B0, p.M, p.Out = nil, nil, nil, 0; return p }

// Cut keeps the leading rows of A and columns of B where the rank is larger.
func (f Factors) Cut(rank int) (Factors, error) {
	out := slices.Clone(f)
	for i, p := range f {
		switch {
		case p.Rank <= rank && !p.Dense():
			continue
		case p.Dense() || p.Started():
			one, err := Adapter{p}.Truncate(rank)
			if err != nil {
				return nil, err
			}
			out[i] = one[0]
			continue
		}
		out[i].Rank = rank
		if p.A != nil {
			out[i].A = slices.Clone(p.A[:rank*p.In])
		}
		if p.B != nil {
			out[i].B = columns(p.B, p.Rank, rank)
		}
	}
	return out, nil
}

// Whole are the pairs that have all that an adapter needs; a pair of which a factor is
// known nowhere is left out.
func (f Factors) Whole() Adapter {
	var out Adapter
	for _, p := range f {
		if p.Dense() || p.A != nil && p.B != nil {
			out = append(out, p)
		}
	}
	return out
}
