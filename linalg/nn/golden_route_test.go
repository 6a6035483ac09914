package nn

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

// TestGoldenRouting runs golden/lora/routing: gates and mixtures of one layer, forward and
// back, and of a whole model.
func TestGoldenRouting(t *testing.T) {
	every := func(string) bool { return true }
	linalgtest.Cases(t, "lora/routing", every, func(t *testing.T, c *linalgtest.Case) {
		switch {
		case strings.HasPrefix(c.Name, "gate_train"):
			goldenGate(t, c)
		case strings.HasPrefix(c.Name, "mixture"):
			goldenMixture(t, c)
		case strings.HasPrefix(c.Name, "arrow"):
			goldenArrow(t, c)
		case strings.HasPrefix(c.Name, "whole_model_gate"):
			goldenModelGate(t, c)
		case strings.HasPrefix(c.Name, "whole_model"):
			goldenModelRoute(t, c)
		default:
			t.Fatalf("no test for the case %q", c.Name)
		}
		c.Done(t)
	})
}

// oneLayer is a Runner around a single map, in the middle of a pass.
type oneLayer struct {
	*Runner
	m            *linear
	x, y, dx, dy kernel.Matrix
}

const layerName = "0.x"

// newLayer makes one of a case's W; lengths are those of the sequences.
func newLayer(t *testing.T, c *linalgtest.Case, lengths []int) *oneLayer {
	t.Helper()
	w := c.Get(t, "W")
	p := &parts{blocks: make([]block, 1)}
	m := p.linear(w.Cols, false, false, owned{layerName, "x", "", w.Rows})
	model := &Model{parts: p, maps: []*packed{pack(kernel.Of(narrow(w.Data), w.Rows, w.Cols), false)}}
	l := &oneLayer{Runner: &Runner{model: model, lanes: make([]lane, 1), blocks: make([]saved, 1)}, m: m}
	for _, n := range lengths {
		l.seqs = append(l.seqs, span{l.rows, l.rows + n})
		l.rows += n
	}
	return l
}

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// run takes u through the map and back from half the mean square distance to what is
// wanted; counted is the number of rows, and the loss is given.
func (l *oneLayer) run(u, wanted []float32) (loss float64) {
	n := l.rows
	l.capacity = n
	for i := range l.lanes {
		a := &l.lanes[i]
		grow(&a.z, n*a.rank)
		grow(&a.a, a.rank*l.m.in)
		grow(&a.tmp, a.rank*max(l.m.in, l.m.out))
		grow(&l.back.dz, n*a.rank)
	}
	l.stack()
	l.layRouters()
	l.forget()
	fresh := func(cols int) kernel.Matrix { return kernel.Of(make([]float32, n*cols), n, cols) }
	l.x, l.y, l.dx, l.dy = kernel.Of(u, n, l.m.in), fresh(l.m.out), fresh(l.m.in), fresh(l.m.out)
	l.through(l.m, &l.y, &l.x, nil, 0)
	for i, y := range l.y.Data {
		off := float64(y) - float64(wanted[i])
		loss += off * off / float64(2*n)
		l.dy.Data[i] = float32(off / float64(n))
	}
	l.throughBack(l.m, &l.dx, &l.dy, &l.x, nil, 0)
	return loss
}

func goldenBranch(t *testing.T, c *linalgtest.Case, module, a, b string, scale float64) *Branch {
	t.Helper()
	x := c.Get(t, a)
	return &Branch{Module: module, Rank: x.Rows, Scale: float32(scale), A: narrow(x.Data), B: narrow(c.Get(t, b).Data)}
}

func goldenGate(t *testing.T, c *linalgtest.Case) {
	p := linalgtest.Params[struct{ S float64 }](t, c)
	u := c.Get(t, "U")
	l := newLayer(t, c, []int{u.Rows})
	b := goldenBranch(t, c, layerName, "A", "B", p.S)
	b.Key = narrow(c.Get(t, "v").Data)
	b.TrainKey()
	if err := l.Attach(b); err != nil {
		t.Fatal(err)
	}
	loss := l.run(narrow(u.Data), narrow(c.Get(t, "Y").Data))
	gates := make([]float64, u.Rows)
	for i := range gates {
		gates[i] = float64(l.lanes[0].z[i*(b.Rank+1)+b.Rank])
	}
	c.Check32(t, "gate", gates)
	c.Check32(t, "out", wide(l.y.Data))
	c.Check32(t, "loss", []float64{loss})
	c.Check32(t, "grad.v", wide(b.GradKey))
	c.Check32(t, "grad.U", wide(l.dx.Data))
}

// mixtureParams are those of a mixture; s is one number or one for each expert.
type mixtureParams struct {
	S         any
	K         int
	Eps       float64
	Lengths   []int
	Threshold float64
}

func (p mixtureParams) scale(e int) float64 {
	if all, ok := p.S.([]any); ok {
		return all[e].(float64)
	}
	return p.S.(float64)
}

func goldenMixture(t *testing.T, c *linalgtest.Case) {
	p := linalgtest.Params[mixtureParams](t, c)
	v := c.Get(t, "V")
	q := &Router{Module: layerName, Keys: narrow(v.Data), TopK: p.K, Epsilon: p.Eps, Below: p.Threshold,
		Raw: strings.Contains(c.Name, "raw_mass")}
	if strings.Contains(c.Name, "sequence") {
		q.Grain = BySequence
	}
	for e := range v.Rows {
		if !c.Has(fmt.Sprintf("A%d", e)) {
			q.Experts = append(q.Experts, nil)
			continue
		}
		b := goldenBranch(t, c, layerName, fmt.Sprintf("A%d", e), fmt.Sprintf("B%d", e), p.scale(e))
		b.TrainA()
		b.TrainB()
		q.Experts = append(q.Experts, b)
	}
	q.TrainKeys()
	lengths := p.Lengths
	if lengths == nil {
		lengths = []int{c.Get(t, "U").Rows}
	}
	l := newLayer(t, c, lengths)
	if err := l.Route(q); err != nil {
		t.Fatal(err)
	}
	real := realRows(c.Get(t, "U").Rows, lengths)
	loss := l.run(narrow(pickRows(c, t, "U", real)), narrow(pickRows(c, t, "Y", real)))
	at := l.routers[0]
	scores, top, weight := goldenChoice(l.Runner, at)
	checkRows(t, c, "score", scores, real)
	checkRows(t, c, "top", top, real)
	checkRows(t, c, "weight", weight, real)
	checkRows(t, c, "out", wide(l.y.Data), real)
	c.Check32(t, "loss", []float64{loss})
	c.Check32(t, "grad.V", wide(q.GradKeys))
	checkRows(t, c, "grad.U", wide(l.dx.Data), real)
	for e, b := range q.Experts {
		for name, g := range map[string]func() []float32{"A": func() []float32 { return b.GradA }, "B": func() []float32 { return b.GradB }} {
			if name = fmt.Sprintf("grad.%s%d", name, e); c.Has(name) {
				c.Check32(t, name, wide(g()))
			}
		}
	}
}

// goldenChoice is what a router made of the rows, as the vectors have it: the best are
// listed also where none of them acts.
func goldenChoice(r *Runner, q *routed) (scores, top, weight []float64) {
	n, k := len(q.Experts), q.kept()
	choice := make([]int32, k)
	for t := range r.rows {
		own := q.scores[t*n : (t+1)*n]
		if q.Grain == BySequence { // the vectors give each row its sequence's mean
			own = q.units[slices.IndexFunc(r.seqs, func(s span) bool { return t < s.hi })].scores
		}
		best(own, choice)
		for _, e := range choice {
			top = append(top, float64(e))
		}
		scores = append(scores, wide(own)...)
		for e := range n {
			weight = append(weight, float64(q.weightOf(t, e)))
		}
	}
	return scores, top, weight
}

// realRows are the places of a padded batch that are no padding: of sequences behind one
// another, so many rows each.
func realRows(rows int, lengths []int) (real []int) {
	long := rows / len(lengths)
	for i, n := range lengths {
		for t := range n {
			real = append(real, i*long+t)
		}
	}
	return real
}

func pickRows(c *linalgtest.Case, t *testing.T, name string, rows []int) (out []float64) {
	x := c.Get(t, name)
	for _, i := range rows {
		out = append(out, x.Row(i)...)
	}
	return out
}

// checkRows compares rows of a padded tensor; what it has at padding is put beside them.
func checkRows(t *testing.T, c *linalgtest.Case, name string, got []float64, real []int) {
	t.Helper()
	want := c.Get(t, name)
	full := append([]float64(nil), want.Data...)
	cols := len(got) / len(real)
	for i, row := range real {
		copy(full[row*cols:(row+1)*cols], got[i*cols:])
	}
	switch rule := c.Tensors[name].Compare; {
	case rule.Rule == "equal":
		c.Check(t, name, full)
	case rule.TolF32 == 0: // weights in a whole model: what its logits in float32 are held to
		c.CheckWithin(t, name, full, 1e-4)
	default:
		c.Check32(t, name, full)
	}
}

func goldenArrow(t *testing.T, c *linalgtest.Case) {
	p := linalgtest.Params[struct {
		K           int
		Temperature float64
	}](t, c)
	u, proto, scale := c.Get(t, "U"), c.Get(t, "prototypes"), c.Get(t, "s")
	m := c.Tensors["U"].Shape
	l := &oneLayer{}
	first := c.Get(t, "B0")
	parts := &parts{blocks: make([]block, 1)}
	l.m = parts.linear(u.Cols, false, false, owned{layerName, "x", "", first.Rows})
	zero := pack(kernel.Of(make([]float32, first.Rows*u.Cols), first.Rows, u.Cols), false)
	l.Runner = &Runner{model: &Model{parts: parts, maps: []*packed{zero}}, lanes: make([]lane, 1), blocks: make([]saved, 1)}
	for range m[0] {
		l.seqs = append(l.seqs, span{l.rows, l.rows + m[1]})
		l.rows += m[1]
	}
	q := &Router{Module: layerName, By: Absolute, TopK: p.K}
	for e := range scale.Data {
		b := goldenBranch(t, c, layerName, fmt.Sprintf("A%d", e), fmt.Sprintf("B%d", e), scale.Data[e])
		q.Experts = append(q.Experts, b)
		top, err := factor.ProductTop(c.Get(t, fmt.Sprintf("B%d", e)), c.Get(t, fmt.Sprintf("A%d", e)), 1)
		if err != nil {
			t.Fatal(err)
		}
		q.Keys = append(q.Keys, narrow(top.V.T().Row(0))...)
	}
	c.Check(t, "prototypes", wide(q.Keys))
	for i := range q.Keys { // a temperature divides what keys are scored by
		q.Keys[i] /= float32(p.Temperature)
	}
	if err := l.Route(q); err != nil {
		t.Fatal(err)
	}
	l.run(narrow(u.Data), make([]float32, l.rows*first.Rows))
	scores, _, weight := goldenChoice(l.Runner, l.routers[0])
	for i := range scores {
		scores[i] *= p.Temperature
	}
	c.Check(t, "similarity", scores)
	c.Check(t, "weight", weight)
	c.Check(t, "delta", wide(l.y.Data))
	if proto.Rows != len(q.Experts) {
		t.Errorf("%d prototypes for %d experts", proto.Rows, len(q.Experts))
	}
}
