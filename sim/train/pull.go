package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/penalty"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
)

// pull is a term over the weights in training.
type pull struct {
	weight float64
	add    func() float64     // its value; its gradient is added, times the weight
	after  func(rate float64) // what it does once an update of that rate is made; nil: nothing
	made   *control           // what it leaves behind, if it is of controls
	tally  tally
}

// pull makes a term over the weights ready.
func (t *Trainer) pull(j job, term method.Term, parts []*part) (*pull, error) {
	p := &pull{weight: term.Weight}
	of, err := partsOf(term.Loss, parts)
	if err != nil {
		return nil, err
	}
	switch l := term.Loss.(type) {
	case method.Quadratic:
		p.add, err = t.quadratic(p.weight, l, of)
	case method.Control:
		err = t.control(j, p, l, of)
	case method.Orthogonal:
		p.add, err = t.orthogonal(p.weight, l, of)
	case method.Tail:
		p.add = tail(p.weight, l, of)
	case method.Norm:
		p.norm(l, of)
	default:
		panic(fmt.Sprintf("train: Carries let %T through", l))
	}
	return p, err
}

// ofWhich is the name of the part that a term over weights is about; "" are all.
func ofWhich(l method.Loss) string {
	switch l := l.(type) {
	case method.Quadratic:
		return l.Of
	case method.Control:
		part, _, _ := method.Factor(l.Of)
		return part
	case method.Orthogonal:
		return l.Of
	case method.Tail:
		return l.Of
	case method.Norm:
		return l.Of
	}
	return ""
}

func partsOf(l method.Loss, parts []*part) ([]*part, error) {
	name := ofWhich(l)
	if name == "" {
		return parts, nil
	}
	i := slices.IndexFunc(parts, func(p *part) bool { return p.name == name })
	if i < 0 {
		return nil, fmt.Errorf("the term %s is of %q, and no part is called that", method.Name(l), name)
	}
	return parts[i : i+1], nil
}

// quadratic pulls towards where the Fit began, or towards a blob of the same names.
func (t *Trainer) quadratic(weight float64, l method.Quadratic, parts []*part) (func() float64, error) {
	type spring struct {
		nn.Param
		centre, firmness []float32
	}
	var all []spring
	for _, p := range parts {
		centre, err := t.numbers(l.Centre, p)
		if err != nil {
			return nil, fmt.Errorf("the centre of %q: %w", p.name, err)
		}
		firmness, err := t.numbers(l.Fisher, nil)
		if err != nil {
			return nil, fmt.Errorf("the Fisher information of %q: %w", p.name, err)
		}
		for _, x := range p.params {
			s := spring{Param: x, centre: slices.Clone(x.Value)}
			if l.Centre != "" {
				s.centre = centre[x.Name]
			}
			if l.Fisher != "" {
				s.firmness = firmness[x.Name]
			}
			if len(s.centre) != len(x.Value) || l.Fisher != "" && len(s.firmness) != len(x.Value) {
				return nil, fmt.Errorf("%s of part %q has %d numbers, the centre %d and the Fisher information %d: they are to be of the same modules at the same ranks",
					x.Name, p.name, len(x.Value), len(s.centre), len(s.firmness))
			}
			all = append(all, s)
		}
	}
	return func() (value float64) {
		for _, s := range all {
			if s.firmness == nil {
				value += penalty.Proximal(weight, s.Value, s.centre, s.Grad)
			} else {
				value += penalty.Elastic(weight, s.Value, s.centre, s.firmness, s.Grad)
			}
		}
		return value
	}, nil
}

// numbers are the tensors of a blob by name; those of an adapter at the scale of a part that
// is one.
func (t *Trainer) numbers(b method.Blob, like *part) (map[string][]float32, error) {
	if b == "" {
		return nil, nil
	}
	x, err := t.blobs.Open(b)
	if err != nil {
		return nil, err
	}
	if like != nil && len(like.pairs) > 0 && lora.Is(x) {
		a, err := lora.Parse(x)
		if err != nil {
			return nil, err
		}
		x = a.Rescale(like.pairs[0].Scale).Tensors()
	}
	out := map[string][]float32{}
	for _, tensor := range x.List {
		out[tensor.Name] = slices.Clone(tensor.Data)
	}
	return out, nil
}

// orthogonal keeps every A out of the way of those of earlier adapters.
func (t *Trainer) orthogonal(weight float64, l method.Orthogonal, parts []*part) (func() float64, error) {
	var terms []func() float64
	for _, b := range l.Against {
		old, err := openFactors(sources(b), 0, t.blobs)
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			for i, pair := range p.pairs {
				k := slices.IndexFunc(old, func(o lora.Pair) bool { return o.Module == pair.Module })
				if k < 0 || old[k].A == nil {
					continue // nothing of it is in the way
				}
				if old[k].In != pair.In {
					return nil, fmt.Errorf("module %s reads %d numbers, and %d in the adapter %.12s…", pair.Module, pair.In, old[k].In, b)
				}
				was, grad := slices.Clone(old[k].A), p.branches[i].GradA
				terms = append(terms, func() float64 { return penalty.Orthogonal(weight, pair.A, was, pair.In, grad) })
			}
		}
	}
	return func() (value float64) {
		for _, f := range terms {
			value += f()
		}
		return value
	}, nil
}

// tail presses down the trailing rows of A and columns of B.
func tail(weight float64, l method.Tail, parts []*part) func() float64 {
	return func() (value float64) {
		for _, p := range parts {
			for i, pair := range p.pairs {
				b := p.branches[i]
				gradA, gradB := b.GradA, b.GradB
				if gradA == nil {
					gradA = make([]float32, len(pair.A))
				}
				if gradB == nil {
					gradB = make([]float32, len(pair.B))
				}
				value += pair.AddTailGradient(weight, l.Gamma, gradA, gradB)
			}
		}
		return value
	}
}

// norm makes weights small: their squares, the length of each matrix, or by L1 many of them 0.
func (p *pull) norm(l method.Norm, parts []*part) {
	each := func(f func(nn.Param) float64) func() float64 {
		return func() (value float64) {
			for _, x := range parts {
				for _, param := range x.params {
					value += f(param)
				}
			}
			return value
		}
	}
	switch {
	case l.Power == 1:
		p.add = each(func(x nn.Param) float64 { return penalty.Absolute(x.Value) })
		p.after = func(rate float64) {
			each(func(x nn.Param) float64 {
				penalty.Shrink(x.Value, rate*x.Times*p.weight)
				return 0
			})()
		}
	case l.Root:
		p.add = each(func(x nn.Param) float64 { return penalty.Length(p.weight, x.Value, x.Grad) })
	default:
		p.add = each(func(x nn.Param) float64 { return penalty.Squared(p.weight, x.Value, x.Grad) })
	}
}

// carriesPull: penalties of parts that the Fit trains, with powers that have a meaning.
func carriesPull(l method.Loss, train []method.Part) error {
	var names []string
	for _, p := range train {
		names = append(names, method.PartName(p))
	}
	if of := ofWhich(l); of != "" && !slices.Contains(names, of) {
		return fmt.Errorf("the term %s is of %q, and the Fit trains %s", method.Name(l), of, strings.Join(names, ", "))
	}
	pairs := slices.ContainsFunc(train, func(p method.Part) bool {
		lora, ok := p.(method.LoRA)
		return ok && (ofWhich(l) == "" || lora.Name == ofWhich(l))
	})
	switch l.(type) {
	case method.Tail, method.Orthogonal:
		if !pairs {
			return fmt.Errorf("the term %s is over the factors of an adapter, and the Fit trains none", method.Name(l))
		}
	}
	switch l := l.(type) {
	case method.Norm:
		if l.Power != 1 && l.Power != 2 || l.Power == 1 && l.Root {
			return refuse("the norm of power %d with root %v: 1 without a root, and 2, are; that", l.Power, l.Root)
		}
	case method.Tail:
		if !(l.Gamma >= 0 && l.Gamma <= 1) {
			return fmt.Errorf("the tail begins at the share %g of the rank; from 0 to 1 is expected", l.Gamma)
		}
	case method.Orthogonal:
		if len(l.Against) == 0 {
			return fmt.Errorf("the term orthogonal names nothing to be orthogonal to: leave it out, or give it the adapters of earlier tasks (Against)")
		}
	}
	return nil
}
