package methodtest

import (
	"fmt"
	"slices"

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
	case method.Probe:
		return r, t.probe(&r, p, a, recipe, key)
	case method.Sample:
		return r, t.sample(&r, p, a, recipe)
	}
	return r, fmt.Errorf("the exam cannot play %s yet: it knows fit, score, probe and sample", method.Name(a.Recipe))
}

func (t *trial) fit(r *method.Report, p method.Participant, a method.Assignment, f method.Fit, key rng.Key) error {
	for _, part := range f.Train {
		if w, ok := part.(method.Weights); ok {
			if err := t.weights(r, p, a, w, key); err != nil {
				return err
			}
			continue
		}
		if k, ok := part.(method.Keys); ok {
			if err := t.keys(r, p, a, f, k, key); err != nil {
				return err
			}
			continue
		}
		l, ok := part.(method.LoRA)
		if !ok {
			return fmt.Errorf("the exam cannot train %s yet: it knows lora, weights and keys", method.Name(part))
		}
		began, err := t.start(l, p)
		if err != nil {
			return err
		}
		made := make(lora.Adapter, len(began))
		for i, x := range began {
			x.A, x.B = t.moved(key, l, x, "A"), t.moved(key, l, x, "B")
			made[i] = x
		}
		if err := t.deliver(r, p, a, l, began, made); err != nil {
			return err
		}
	}
	if err := t.control(r, p, a, f, key); err != nil {
		return err
	}
	if slices.Contains(a.Keep, method.KeptOptimiser) {
		b, err := t.store.Put(method.Tensors{List: []method.Tensor{{Name: "first", Shape: []int{2}, Data: normal(key.At("optimiser"), 2)}}})
		if err != nil {
			return err
		}
		t.kept[p.ID] = method.Keeping(t.kept[p.ID], []method.Named{{Name: method.KeptOptimiser, Blob: b}})
	}
	w := float64(p.Examples)
	r.Values = []method.Value{{Name: "loss", Value: 2 + key.At("loss").Stream().Float64(), Weight: w}}
	return nil
}

// moved is a factor after training: new numbers, or the old where it is frozen.
func (t *trial) moved(key rng.Key, l method.LoRA, p lora.Pair, factor string) []float32 {
	was := p.A
	if factor == "B" {
		was = p.B
	}
	if l.Freeze == factor {
		return was
	}
	return normal(key.At(l.Name, p.Module, factor), len(was))
}

// start is the adapter that training begins from, factor by factor: the blob over what is
// kept over a fresh one.
func (t *trial) start(l method.LoRA, p method.Participant) (lora.Adapter, error) {
	rank := l.Rank
	if rank == method.OwnRank {
		if rank = p.Rank; rank == 0 {
			rank = width
		}
	}
	var from lora.Factors
	for _, b := range t.sources(l, p) {
		tensors, err := t.store.Open(b)
		if err != nil {
			return nil, err
		}
		f, err := lora.ParseFactors(tensors)
		if err == nil && rank > 0 {
			f, err = f.Cut(rank)
		}
		if err == nil {
			from, err = from.Over(f)
		}
		if err != nil {
			return nil, fmt.Errorf("part %s cannot begin from what it is to begin from: %w", l.Name, err)
		}
	}
	began, err := t.fresh(l, rank, from)
	if err == nil && len(began) == 0 {
		err = fmt.Errorf("part %s: the patterns %q match none of the base's modules", l.Name, l.Modules)
	}
	return began.Rescale(l.Scale), err
}

// sources are the blobs that a part begins from, the first over the others.
func (t *trial) sources(l method.LoRA, p method.Participant) (all []method.Blob) {
	if l.From.Blob != "" {
		all = append(all, l.From.Blob)
	}
	for _, name := range []string{l.Name + ".A", l.Name + ".B", l.Name} {
		if b := method.KeptAs(t.kept[p.ID], name); b != "" && l.From.Kept {
			all = append(all, b)
		}
	}
	return all
}

// fresh fills up what the modules of a part lack.
func (t *trial) fresh(l method.LoRA, rank int, from lora.Factors) (began lora.Adapter, err error) {
	for _, m := range t.base.Modules {
		for _, pattern := range l.Modules {
			ok, err := linalg.Match(pattern, m.Name)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			r := min(rank, m.Out, m.In)
			i := slices.IndexFunc(from, func(p lora.Pair) bool { return p.Module == m.Name })
			if i >= 0 && from[i].Dense() {
				return nil, fmt.Errorf("part %s is to begin from a dense delta in module %s", l.Name, m.Name)
			}
			if i >= 0 {
				r = from[i].Rank
			}
			if r < 1 {
				return nil, fmt.Errorf("part %s has no rank for a fresh start in module %s", l.Name, m.Name)
			}
			p := lora.Fresh(rng.New(seed).At("init", m.Name), lora.Module{Name: m.Name, Out: m.Out, In: m.In}, r, l.Scale, lora.Kaiming{})
			if i >= 0 && from[i].A != nil {
				p.A, p.A0 = from[i].A, from[i].A0
			}
			if i >= 0 && from[i].B != nil {
				p.B, p.B0, p.Scale = from[i].B, from[i].B0, from[i].Scale
			}
			began = append(began, p)
			break
		}
	}
	return began, nil
}

// deliver uploads and keeps what was made of a part, whole or by factor ("lora.A").
func (t *trial) deliver(r *method.Report, p method.Participant, a method.Assignment, l method.LoRA, began, made lora.Adapter) error {
	upload := a.Upload
	if len(upload) == 0 {
		upload = []string{l.Name}
	}
	put := func(name string, x lora.Adapter) (list []method.Named, err error) {
		part, factor, _ := method.Factor(name)
		if name != l.Name && part != l.Name {
			return nil, nil // of another part
		}
		tensors := x.Tensors()
		if name != l.Name {
			f, err := x.Only(factor)
			if err != nil {
				return nil, err
			}
			tensors = f.Tensors()
		}
		b, err := t.store.Put(tensors)
		return []method.Named{{Name: name, Blob: b}}, err
	}
	for _, name := range upload {
		was, err := put(name, began)
		if err != nil {
			return err
		}
		is, err := put(name, made)
		if err != nil {
			return err
		}
		r.Began, r.Made = append(r.Began, was...), append(r.Made, is...)
	}
	for _, name := range a.Keep {
		is, err := put(name, made)
		if err != nil {
			return err
		}
		t.kept[p.ID] = method.Keeping(t.kept[p.ID], is)
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
	return t.hand(r, p, a, s.Column, column, false)
}

// sample keeps a set of examples without a text: a method never reads one.
func (t *trial) sample(r *method.Report, p method.Participant, a method.Assignment, s method.Sample) error {
	if s.Model.Base != "" && !s.Logits || s.Into == "" {
		return fmt.Errorf("the exam cannot play a sample that a model writes yet: it knows those that are drawn into a set")
	}
	set := method.Tensors{Meta: map[string]string{"kind": "examples", "examples": "[]", "seen": "0"},
		List: []method.Tensor{{Name: "count", Shape: []int{1}, Data: []float32{float32(s.Count)}}}}
	return t.hand(r, p, a, s.Into, set, false)
}

// hand uploads and keeps one thing, as the assignment says; where that is silent, it is
// uploaded if such things are.
func (t *trial) hand(r *method.Report, p method.Participant, a method.Assignment, name string, x method.Tensors, usually bool) error {
	b, err := t.store.Put(x)
	if err != nil {
		return err
	}
	named := []method.Named{{Name: name, Blob: b}}
	if slices.Contains(a.Upload, name) || usually && len(a.Upload) == 0 {
		r.Made = append(r.Made, named...)
	}
	if slices.Contains(a.Keeps(), name) {
		t.kept[p.ID] = method.Keeping(t.kept[p.ID], named)
	}
	return nil
}
