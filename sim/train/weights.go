package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
)

// weights readies the base itself for training: the weights of its modules, those that are
// named or all. What is made is the change of each, a dense delta, which is attached and
// stacked as any adapter is. Biases and norms are no modules, and stay as they are.
func (t *Trainer) weights(j job, run *nn.Runner, w method.Weights) (*part, error) {
	modules, err := trainable(run.Model().Config(), w.Modules)
	if err != nil {
		return nil, fmt.Errorf("part %q: %w", w.Name, err)
	}
	p := &part{name: w.Name}
	was := map[string]linalg.Dense{}
	for _, m := range modules {
		if was[m.Name], err = frozenWeight(run.Model(), m.Name); err != nil {
			return nil, err
		}
	}
	if p.began, err = openAdapter(j.sources(w.Name, w.From), 0, t.blobs); err != nil {
		return nil, fmt.Errorf("part %q: %w", w.Name, err)
	}
	if p.began.Magnified() {
		return nil, refuse("weights that go on from an adapter with magnitudes (part %q)", w.Name)
	}
	if err := within(lora.Factors(p.began), modules); err != nil {
		return nil, fmt.Errorf("part %q: %w", w.Name, err)
	}
	names, c := map[string]bool{}, run.Model().Config()
	for _, m := range modules {
		if c.Tied && m.Name == headName(c) { // a checkpoint has it as the table
			m.HF = tableOf(c)
		}
		names[m.HF+".weight"] = true
	}
	p.params = run.TrainBase(func(name string) bool { return names[name] })
	if len(p.params) != len(names) {
		panic(fmt.Sprintf("train: %d weights of %d modules", len(p.params), len(names)))
	}
	p.now = func() lora.Adapter { return changes(run.Model(), modules, was, p.began) }
	return p, nil
}

// grounded is the model of a Fit with what its weights go on from merged into it.
func grounded(f method.Fit) method.Model {
	m := f.Model
	for _, p := range f.Train {
		if w, ok := p.(method.Weights); ok && w.From != (method.From{}) {
			m.Attach = append(slices.Clip(m.Attach), method.Attach{Name: w.Name, From: w.From, Merge: true, Scale: 1})
		}
	}
	return m
}

// trainable are the modules of a base whose weights are trained: whole layers. Of a table that
// is the head's weight too, the head stands for both.
func trainable(c nn.Config, patterns []string) (out []nn.Module, err error) {
	if len(patterns) > 0 {
		if out, err = c.Select(patterns); err != nil {
			return nil, err
		}
	} else {
		out = slices.DeleteFunc(c.Modules(), func(m nn.Module) bool { return m.Of != "" || c.Tied && m.HF == tableOf(c) })
	}
	for _, m := range out {
		if m.Of != "" {
			return nil, fmt.Errorf("module %s is rows of the layer %s: train the layer", m.Name, m.Of)
		}
		if c.Tied && m.HF == tableOf(c) {
			return nil, fmt.Errorf("the table of module %s is the weight of the head too: train the head, which is both", m.Name)
		}
	}
	return out, nil
}

// tableOf is the layer of the embedding.
func tableOf(c nn.Config) string { return c.Modules()[0].HF }

// headName is the module of the head.
func headName(c nn.Config) string {
	all := c.Modules()
	return all[len(all)-1].Name
}

// changes are what has become of weights since they were so, on top of the changes that they
// began with.
func changes(m *nn.Model, modules []nn.Module, was map[string]linalg.Dense, began lora.Adapter) lora.Adapter {
	var out lora.Adapter
	for _, x := range modules {
		now, err := frozenWeight(m, x.Name)
		if err != nil {
			panic("train: " + err.Error())
		}
		now.Add(-1, was[x.Name])
		if p, ok := began.Pair(x.Name); ok {
			now.Add(1, p.Delta())
		}
		out = append(out, lora.Pair{Module: x.Name, Out: x.Out, In: x.In, Scale: 1, D: now.Narrow()})
	}
	return out
}

// carriesWeights: the base itself, at one rate.
func carriesWeights(w method.Weights, upload, keep []string) error {
	for _, n := range slices.Concat(upload, keep) {
		if part, factor, ok := method.Factor(n); ok && part == w.Name {
			return fmt.Errorf("it asks for %q, and weights have no factor %s", n, factor)
		}
	}
	return nil
}
