package methodtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// work is what a participant sends back: nothing is trained, but everything has the
// shape that training would have given it.
func (t *trial) work(p method.Participant, a method.Assignment) (method.Report, error) {
	r := method.Report{
		Round: t.round, Name: a.Name, From: p.ID, Examples: p.Examples, Share: 1,
		Up: 1000, Down: 1000, Spent: method.Seconds(p.Examples),
	}
	key := rng.New(t.seed).At("work", p.ID.String(), a.Name, t.round)
	switch recipe := a.Recipe.(type) {
	case method.Fit:
		return r, t.fit(&r, p, a, recipe, key)
	case method.Score:
		return r, t.score(&r, p, a, recipe, key)
	}
	return r, fmt.Errorf("the exam cannot play %s yet: it knows fit and score", method.Name(a.Recipe))
}

func (t *trial) fit(r *method.Report, p method.Participant, a method.Assignment, f method.Fit, key rng.Key) error {
	for _, part := range f.Train {
		l, ok := part.(method.LoRA)
		if !ok {
			return fmt.Errorf("the exam cannot train %s yet: it knows lora", method.Name(part))
		}
		began, err := t.start(l, p)
		if err != nil {
			return err
		}
		if l.From.Blob != "" {
			r.Began = append(r.Began, method.Named{Name: l.Name, Blob: l.From.Blob})
		}
		made := make(lora.Adapter, len(began))
		for i, x := range began {
			x.A = normal(key.At(l.Name, x.Module, "A"), len(x.A))
			x.B = normal(key.At(l.Name, x.Module, "B"), len(x.B))
			made[i] = x
		}
		if err := t.deliver(r, p, a, l.Name, made.Tensors()); err != nil {
			return err
		}
	}
	w := float64(p.Examples)
	r.Values = []method.Value{{Name: "loss", Value: 2 + key.At("loss").Stream().Float64(), Weight: w}}
	return nil
}

// start is the adapter that training begins from: it decides modules, ranks and scale.
func (t *trial) start(l method.LoRA, p method.Participant) (lora.Adapter, error) {
	rank := l.Rank
	if rank == method.OwnRank {
		if rank = p.Rank; rank == 0 {
			rank = width
		}
	}
	if l.From.Blob != "" {
		tensors, err := t.store.Open(l.From.Blob)
		if err != nil {
			return nil, err
		}
		from, err := lora.Parse(tensors)
		if err != nil {
			return nil, fmt.Errorf("part %s is to begin from a blob that is no adapter: %w", l.Name, err)
		}
		if rank > 0 {
			if from, err = from.Pad(rank).Truncate(rank); err != nil {
				return nil, err
			}
		}
		return from.Rescale(l.Scale), nil
	}
	var fresh lora.Adapter
	for _, m := range t.base.Modules {
		for _, pattern := range l.Modules {
			ok, err := linalg.Match(pattern, m.Name)
			if err != nil {
				return nil, err
			}
			if ok {
				fresh = append(fresh, lora.Fresh(rng.New(seed).At("init", m.Name), lora.Module{Name: m.Name, Out: m.Out, In: m.In},
					min(rank, m.Out, m.In), l.Scale, lora.Kaiming{}))
				break
			}
		}
	}
	if len(fresh) == 0 {
		return nil, fmt.Errorf("part %s: the patterns %q match none of the base's modules", l.Name, l.Modules)
	}
	return fresh, nil
}

// deliver uploads and keeps what was made, whole or by factor ("lora.A").
func (t *trial) deliver(r *method.Report, p method.Participant, a method.Assignment, part string, made method.Tensors) error {
	wanted := a.Upload
	if len(wanted) == 0 {
		wanted = []string{part}
	}
	for _, list := range [][]string{wanted, a.Keep} {
		for _, want := range list {
			some := made
			if factor, ok := strings.CutPrefix(want, part+"."); ok {
				some.List = slices.DeleteFunc(slices.Clone(made.List), func(x method.Tensor) bool { return !strings.HasSuffix(x.Name, "."+factor) })
			} else if want != part {
				continue // of another part
			}
			b, err := t.store.Put(some)
			if err != nil {
				return err
			}
			if &list[0] == &wanted[0] {
				r.Made = append(r.Made, method.Named{Name: want, Blob: b})
			} else if !slices.Contains(t.kept[p.ID], want) {
				t.kept[p.ID] = append(t.kept[p.ID], want)
			}
		}
	}
	return nil
}

func (t *trial) score(r *method.Report, p method.Participant, a method.Assignment, s method.Score, key rng.Key) error {
	for _, metric := range s.Metrics {
		groups := []string{""}
		if len(s.By) > 0 {
			groups = []string{s.By[0] + "=0", s.By[0] + "=1"}
		}
		for _, g := range groups {
			r.Values = append(r.Values, method.Value{Name: metric, Group: g, Weight: float64(p.Examples), Value: key.At(metric, g).Stream().Float64()})
		}
	}
	if s.Column == "" {
		return nil
	}
	column := method.Tensors{List: []method.Tensor{{Name: s.Column, Shape: []int{p.Examples}, Data: normal(key.At("column"), p.Examples)}}}
	return t.deliver(r, p, a, s.Column, column)
}
