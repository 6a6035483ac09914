package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
)

// part is an adapter in training, or the base itself.
type part struct {
	name     string
	began    lora.Adapter
	pairs    lora.Adapter        // trained in place; none of the base itself
	now      func() lora.Adapter // the part as it is; see made
	branches []*nn.Branch
	beside   []*nn.Branch // starts, taken out of the weights
	params   []nn.Param
	warnings []string
}

// start makes the adapter that a LoRA part begins from, and the branches that train it.
func (t *Trainer) start(j job, b *base.Base, m *nn.Model, l method.LoRA) (*part, error) {
	modules, err := b.Model.Config().Select(l.Modules)
	if err != nil {
		return nil, fmt.Errorf("part %q: %w", l.Name, err)
	}
	p := &part{name: l.Name}
	key := rng.New(j.draw).At("init", l.Name)
	if l.Shared { // one draw for all who are asked the same in the same round
		key = rng.New(t.world.Seed("shared", j.assign.Name, l.Name, j.req.Round))
	}
	given, err := openFactors(j.sources(l.Name, l.From), l.Rank, t.blobs)
	if err != nil {
		return nil, fmt.Errorf("part %q: %w", l.Name, err)
	}
	given = lora.Factors(lora.Adapter(given).Rescale(l.Scale))
	if err := within(given, modules); err != nil {
		return nil, fmt.Errorf("part %q: %w", l.Name, err)
	}
	on := ground{m, key}
	for _, m := range modules {
		pair, warning, err := t.pair(l, m, given, on)
		if err != nil {
			return nil, fmt.Errorf("part %q: %w", l.Name, err)
		}
		if warning != "" {
			p.warnings = append(p.warnings, warning)
		}
		if pair, err = magnified(l, pair, on); err != nil {
			return nil, fmt.Errorf("part %q: %w", l.Name, err)
		}
		p.began = append(p.began, pair)
		pair.A, pair.B, pair.M = slices.Clone(pair.A), slices.Clone(pair.B), slices.Clone(pair.M)
		p.pairs = append(p.pairs, pair)
		p.train(l, pair)
	}
	return p, p.rates(l)
}

// made is the part as it is now.
func (p *part) made() lora.Adapter {
	if p.now != nil {
		return p.now()
	}
	return p.pairs
}

// within refuses an adapter over modules that are not trained: a start keeps its change, and
// what they change would be lost.
func within(given lora.Factors, modules []nn.Module) error {
	for _, g := range given {
		if !slices.ContainsFunc(modules, func(m nn.Module) bool { return m.Name == g.Module }) {
			return fmt.Errorf("the blob that it begins from changes module %s, which its Modules leave out: train that too, or attach the blob to the Model", g.Module)
		}
	}
	return nil
}

// pair is where one module starts: what the blob says, or a fresh init.
func (t *Trainer) pair(l method.LoRA, m nn.Module, given lora.Factors, on ground) (p lora.Pair, warning string, err error) {
	for _, g := range given {
		if g.Module != m.Name {
			continue
		}
		if g.B != nil && g.Out != m.Out || g.A != nil && g.In != m.In || g.Dense() && (g.Out != m.Out || g.In != m.In) {
			return p, "", fmt.Errorf("module %s is %d×%d in the base and %d×%d in the blob that it begins from", m.Name, m.Out, m.In, g.Out, g.In)
		}
		if g.Dense() {
			return p, "", refuse("going on from a dense delta (module %s)", m.Name)
		}
		p, err := t.complete(g, l, m, on)
		return p, "", err
	}
	rank := l.Rank
	if most := lora.MaxRank(m.Out, m.In); rank > most {
		warning = fmt.Sprintf("rank %d is more than module %s of %d×%d has; it is trained at %d", rank, m.Name, m.Out, m.In, most)
		rank = most
	}
	if init, err := initOf(l, m.Name); err != nil {
		return p, "", err
	} else if _, ranked := init.(method.Given); rank < 1 && !ranked {
		return p, "", fmt.Errorf("module %s is not in the blob that the part begins from, and the part has no rank for a fresh start", m.Name)
	}
	p, err = t.fresh(on, l, m, rank)
	return p, warning, err
}

// complete draws the factor that a pair lacks, as in a fresh one: B is 0.
func (t *Trainer) complete(g lora.Pair, l method.LoRA, m nn.Module, on ground) (p lora.Pair, err error) {
	switch {
	case g.A != nil && g.B != nil:
		return g, nil
	case g.Rank > lora.MaxRank(m.Out, m.In):
		return p, fmt.Errorf("module %s of %d×%d is to begin from a single factor of rank %d", m.Name, m.Out, m.In, g.Rank)
	case g.A0 != nil || g.B0 != nil:
		return p, fmt.Errorf("module %s is to begin from a single factor, and that has a start without its partner: bring or keep both factors", m.Name)
	}
	if p, err = t.fresh(on, l, m, g.Rank); err != nil {
		return p, err
	}
	if p.Started() {
		return p, fmt.Errorf("module %s is to begin from a single factor, and its init moves the base by both: bring or keep both factors", m.Name)
	}
	if g.A != nil {
		p.A = g.A
	}
	if g.B != nil {
		p.B = g.B
	}
	return p, nil
}

func (p *part) train(l method.LoRA, pair lora.Pair) {
	b := &nn.Branch{Module: pair.Module, A: pair.A, B: pair.B, Rank: pair.Rank, Scale: float32(pair.Scale), Dropout: l.Dropout, Magnitude: pair.M}
	if l.Freeze != "A" {
		b.TrainA()
	}
	if l.Freeze != "B" {
		b.TrainB()
	}
	if pair.M != nil {
		b.TrainMagnitude()
	}
	p.branches = append(p.branches, b)
	p.params = append(p.params, b.Params()...)
	if pair.Started() { // the base has given the start up
		p.beside = append(p.beside, branches(pair, 1)[1])
	}
}

// rates multiplies the learning rate of what matches; see [method.RateAt].
func (p *part) rates(l method.LoRA) error {
	for i := range p.params {
		module, factor := p.params[i].Name[:len(p.params[i].Name)-2], p.params[i].Name[len(p.params[i].Name)-1:]
		for _, r := range l.Rates {
			ok, err := linalg.Match(r.Modules, module)
			if err != nil {
				return fmt.Errorf("part %q: %w", l.Name, err)
			}
			if ok && (r.Factor == "" || r.Factor == factor) {
				p.params[i].Times *= r.Times
			}
		}
	}
	return nil
}
