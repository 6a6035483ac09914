package nn

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
)

// goldenPass reads a batch of the whole model.
func goldenPass(t *testing.T, c *linalgtest.Case, name string, labels bool) Batch {
	t.Helper()
	x := c.Get(t, name)
	var b Batch
	for i := range x.Rows {
		var ids, want []int32
		end := x.Cols
		if labels { // padding is the zeros at the end of a row that has labels elsewhere
			for end > 0 && x.At(i, end-1) == 0 {
				end--
			}
		}
		for t := range end {
			ids = append(ids, int32(x.At(i, t)))
		}
		b.IDs = append(b.IDs, ids)
		if labels {
			y := c.Get(t, "labels")
			for t := range end {
				want = append(want, int32(y.At(i, t)))
			}
			b.Labels = append(b.Labels, want)
		}
	}
	return b
}

// goldenLogits puts logits of ragged rows back into the padded form and compares them and
// the loss, under a prefix.
func goldenLogits(t *testing.T, c *linalgtest.Case, r *Runner, b Batch, prefix string) {
	t.Helper()
	if err := r.Forward(b); err != nil {
		t.Fatal(err)
	}
	shape := c.Tensors[prefix+"logits"].Shape
	full, got := make([]float64, shape[0]*shape[1]*shape[2]), wide(r.Logits(nil))
	at := 0
	for i, ids := range b.IDs {
		n := copy(full[i*shape[1]*shape[2]:], got[at:at+len(ids)*shape[2]])
		at += n
	}
	loss, _ := r.Backward(nil)
	c.Check32(t, prefix+"logits", full)
	c.Check(t, prefix+"logits_f32", full)
	c.Check32(t, prefix+"loss", []float64{loss.Mean()})
	c.Check(t, prefix+"loss_f32", []float64{loss.Mean()})
}

// goldenBase loads the model that a case names.
func goldenBase(t *testing.T, c *linalgtest.Case) *Model {
	t.Helper()
	p := linalgtest.Params[struct{ Base string }](t, c)
	return loadFolder(t, filepath.Join(linalgtest.Golden(t, "lora"), filepath.FromSlash(p.Base)))
}

// goldenModules are the modules that a case has a tensor for behind the prefix, with their
// Hugging Face names.
func goldenModules(t *testing.T, c *linalgtest.Case, m *Model, prefix string) (out []Module) {
	t.Helper()
	for _, x := range m.Modules() {
		if c.Has(prefix + x.HF) {
			out = append(out, x)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no tensor %s…", prefix)
	}
	return out
}

// checkBoth compares a gradient with both precisions of it.
func checkBoth(t *testing.T, c *linalgtest.Case, prefix, name string, got []float32) {
	t.Helper()
	c.Check32(t, prefix+"grad."+name, wide(got))
	c.Check(t, prefix+"grad_f32."+name, wide(got))
}

func goldenModelGate(t *testing.T, c *linalgtest.Case) {
	p := linalgtest.Params[struct{ S float64 }](t, c)
	m := goldenBase(t, c)
	b := goldenPass(t, c, "input_ids", true)
	for _, prefix := range []string{"", "zero."} {
		r := NewRunner(m)
		var all []*Branch
		for _, x := range goldenModules(t, c, m, "v.") {
			g := goldenBranch(t, c, x.Name, "A."+x.HF, "B."+x.HF, p.S)
			g.Key = make([]float32, x.In)
			if prefix == "" {
				g.Key = narrow(c.Get(t, "v."+x.HF).Data)
			}
			g.TrainKey()
			all = append(all, g)
		}
		if err := r.Attach(all...); err != nil {
			t.Fatal(err)
		}
		goldenLogits(t, c, r, b, prefix)
		for i, x := range goldenModules(t, c, m, "v.") {
			checkBoth(t, c, prefix, "v."+x.HF, all[i].GradKey)
		}
	}
}

func goldenModelRoute(t *testing.T, c *linalgtest.Case) {
	p := linalgtest.Params[struct {
		S   []float64
		K   int
		Eps float64
	}](t, c)
	m := goldenBase(t, c)
	b := goldenPass(t, c, "input_ids", true)
	modules := goldenModules(t, c, m, "V.")
	nullKeys(t, c, m, modules)
	for _, prefix := range []string{"", "null."} {
		r := NewRunner(m)
		var all []*Router
		for _, x := range modules {
			q := &Router{Module: x.Name, Keys: narrow(c.Get(t, "V."+x.HF).Data), TopK: p.K, Epsilon: p.Eps}
			for e, s := range p.S {
				own := goldenBranch(t, c, x.Name, fmt.Sprintf("A%d.%s", e, x.HF), fmt.Sprintf("B%d.%s", e, x.HF), s)
				own.TrainA()
				own.TrainB()
				q.Experts = append(q.Experts, own)
			}
			if prefix != "" {
				q.Experts, q.Keys = append(q.Experts, nil), append(q.Keys, narrow(c.Get(t, "null.V."+x.HF).Data)...)
			}
			q.TrainKeys()
			all = append(all, q)
		}
		if err := r.Route(all...); err != nil {
			t.Fatal(err)
		}
		goldenLogits(t, c, r, b, prefix)
		lengths := []int{}
		for _, ids := range b.IDs {
			lengths = append(lengths, len(ids))
		}
		for i, x := range modules {
			real := realRows(c.Get(t, prefix+"top."+x.HF).Rows, lengths)
			_, top, weight := goldenChoice(r, r.routers[i])
			checkRows(t, c, prefix+"top."+x.HF, top, real)
			checkRows(t, c, prefix+"weight."+x.HF, weight, real)
			n := len(p.S) * x.In
			checkBoth(t, c, prefix, "V."+x.HF, all[i].GradKeys[:n])
			if prefix != "" {
				checkBoth(t, c, prefix, "null.V."+x.HF, all[i].GradKeys[n:])
			}
			for e := range p.S {
				checkBoth(t, c, prefix, fmt.Sprintf("A%d.%s", e, x.HF), all[i].Experts[e].GradA)
				checkBoth(t, c, prefix, fmt.Sprintf("B%d.%s", e, x.HF), all[i].Experts[e].GradB)
			}
		}
	}
}

// nullKeys compares the mean of what enters each module with the vectors, by the float64
// reference.
func nullKeys(t *testing.T, c *linalgtest.Case, m *Model, modules []Module) {
	t.Helper()
	ref := refOf(m)
	ref.entered = map[string][]float64{}
	for _, x := range modules {
		ref.entered[x.Name] = make([]float64, x.In)
	}
	b, rows := goldenPass(t, c, "generic_ids", false), 0
	for _, ids := range b.IDs {
		at := make([]int32, len(ids))
		for i := range at {
			at[i] = int32(i)
		}
		ref.logits(ids, at)
		rows += len(ids)
	}
	for _, x := range modules {
		for i := range ref.entered[x.Name] {
			ref.entered[x.Name][i] /= float64(rows)
		}
		c.Check(t, "null.V."+x.HF, ref.entered[x.Name])
	}
}
