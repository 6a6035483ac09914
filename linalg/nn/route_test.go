package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// routings are routers of every kind, for tests that hold for all of them.
var routings = map[string]struct {
	like  Router
	ranks []int // of the experts; 0: the null expert
}{
	"tokens":       {Router{TopK: 2, Epsilon: 1e-5}, []int{2, thin + 1, 3, 0}},
	"threshold":    {Router{TopK: 1, Epsilon: 1e-5, Below: 0.3}, []int{2, 1, 3}},
	"all":          {Router{Epsilon: 1e-5}, []int{2, 1, 3}},
	"arrow":        {Router{By: Absolute, TopK: 2, Raw: true}, []int{2, 1, 3}},
	"sequence":     {Router{TopK: 2, Epsilon: 1e-5, Grain: BySequence}, []int{2, 1, 3}},
	"pieces":       {Router{TopK: 2, Epsilon: 1e-5, Grain: BySequence, Mix: Factors}, []int{2, 2, 2}},
	"batch":        {Router{TopK: 1, Epsilon: 1e-5, Grain: ByBatch, Mix: Factors}, []int{2, 2, 2}},
	"uniform":      {Router{By: Uniform}, []int{2, 1, 0}},
	"mean factors": {Router{By: Uniform, Mix: Factors}, []int{2, 2, 2}},
	"told":         {Router{By: Shared}, []int{2, 1, 3}},
}

// routers makes one of a kind for each of the modules, everything trained.
func routers(c Config, kind string, modules []string, s *rng.Stream) (all []*Router, params []Param) {
	for _, name := range modules {
		like := routings[kind].like
		q := &like
		q.Module = name
		m, err := partsOf(c).locate(name)
		if err != nil {
			panic(err)
		}
		for _, rank := range routings[kind].ranks {
			if rank == 0 {
				q.Experts = append(q.Experts, nil)
				continue
			}
			b := randomBranch(c, name, rank, 0.5, s)
			b.TrainA()
			b.TrainB()
			q.Experts = append(q.Experts, b)
		}
		if q.scored() {
			q.Keys = draw(s, len(q.Experts)*m.In, 1)
			q.TrainKeys()
		}
		all, params = append(all, q), append(params, q.Params()...)
	}
	return all, params
}

// routedBatch is a ragged batch with prompts, and with weights for those that are told.
func routedBatch(c Config, s *rng.Stream) Batch {
	b := raggedBatch(c, s)
	for _, ids := range b.IDs {
		b.Prompts = append(b.Prompts, 1+s.IntN(len(ids)))
		b.Shares = append(b.Shares, []float32{0, float32(s.Float64()), 0.5})
	}
	return b
}

var routedModules = []string{"0.q", "0.v", "0.up", "1.o", "1.down"}

func newRouted(t *testing.T, kind string, s *rng.Stream) (*Runner, []*Router, []Param) {
	t.Helper()
	r := NewRunner(randomModel(t, small(false), s))
	all, params := routers(r.model.config, kind, routedModules, s)
	_, low := trained(t, r, s)
	if err := r.Route(all...); err != nil {
		t.Fatal(err)
	}
	return r, all, append(params, low...)
}

// What a sequence is told does not depend on its neighbours, to the bit.
func TestRoutedAloneEqualsInBatch(t *testing.T) {
	for kind, x := range routings {
		if x.like.Grain == ByBatch {
			continue
		}
		s := rng.New(3).At("routed", kind).Stream()
		r, _, _ := newRouted(t, kind, s)
		b := routedBatch(r.model.config, s)
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		all, at := r.Logits(nil), 0
		for i, ids := range b.IDs {
			one := b.cut(i, i+1)
			if err := r.Forward(one); err != nil {
				t.Fatal(err)
			}
			n := len(ids) * r.model.config.Vocab
			numtest.Same(t, kind, r.Logits(nil), all[at:at+n])
			at += n
		}
	}
}

// A model that writes goes by what its prompts decided.
func TestRoutedGenerateEqualsOnePass(t *testing.T) {
	for kind := range routings {
		s := rng.New(20).At("routed", kind).Stream()
		r, _, _ := newRouted(t, kind, s)
		prompts := [][]int32{{5, 9, 2, 6, 5, 3, 5}, {3, 1, 4}, {1}}
		shares := [][]float32{{0, 1, 0}, {0.5, 0, 2}, {0, 0, 1}}
		if kind == "batch" {
			prompts = prompts[:1]
		}
		out, err := r.Generate(prompts, Decode{Tokens: 12, Shares: shares[:len(prompts)]}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range out {
			text := append(slices.Clone(prompts[i]), got.IDs...)
			if err := r.Forward(Batch{IDs: [][]int32{text}, Prompts: []int{len(prompts[i])}, Shares: shares[i : i+1]}); err != nil {
				t.Fatal(err)
			}
			logits, v := r.Logits(nil), r.model.config.Vocab
			for j, id := range got.IDs {
				row := logits[(len(prompts[i])-1+j)*v:][:v]
				nats, _ := kernel.CrossEntropy(row, int(id))
				if kernel.ArgMax(row) != int(id) || got.LogProbs[j] != -nats {
					t.Fatalf("%s: prompt %d, token %d: %d at %g; one pass says %d at %g", kind, i, j, id, got.LogProbs[j], kernel.ArgMax(row), -nats)
				}
			}
		}
	}
}

// Learn gives what Forward and Backward give, and allocates nothing.
func TestRoutedLearning(t *testing.T) {
	for kind := range routings {
		s := rng.New(15).At("routed", kind).Stream()
		r, _, params := newRouted(t, kind, s)
		b := routedBatch(r.model.config, s)
		for range 2 {
			more := routedBatch(r.model.config, s)
			b.IDs, b.Labels, b.Positions = append(b.IDs, more.IDs...), append(b.Labels, more.Labels...), append(b.Positions, more.Positions...)
			b.Prompts, b.Shares = append(b.Prompts, more.Prompts...), append(b.Shares, more.Shares...)
		}
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		total, _ := r.Backward(nil)
		var want [][]float32
		for _, p := range params {
			want = append(want, slices.Clone(p.Grad))
		}
		ZeroGrads(params)
		again, _, err := r.Learn(b, nil)
		if err != nil || again != total {
			t.Errorf("%s: loss %+v, %v; at once %+v", kind, again, err, total)
		}
		for i, p := range params {
			numtest.Close(t, kind+" "+p.Name, p.Grad, want[i], 1e-4)
		}
		step := func() {
			if _, _, err := r.Learn(b, nil); err != nil {
				t.Fatal(err)
			}
		}
		if n := testing.AllocsPerRun(3, step); n != 0 {
			t.Errorf("%s: a step allocates %v times", kind, n)
		}
	}
}

// What a router did adds up: its weights to the rows, its firsts too.
func TestRoutedTally(t *testing.T) {
	s := rng.New(16).Stream()
	for _, kind := range []string{"tokens", "sequence", "told"} {
		r, all, _ := newRouted(t, kind, s)
		b := routedBatch(r.model.config, s)
		for i := range b.Shares {
			b.Shares[i] = []float32{0, 0.25, 0.75}
		}
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		for _, q := range all {
			got := r.Routed(q)
			for i, ids := range b.IDs {
				var mass, first float64
				for e := range got.Experts {
					mass += got.Mass[i*got.Experts+e]
					first += float64(got.First[i*got.Experts+e])
				}
				if rows := float64(len(ids)); math.Abs(mass-rows) > 1e-4*rows || first != rows {
					t.Errorf("%s: %g of weight and %g firsts over %g rows", kind, mass, first, rows)
				}
			}
		}
		if told := r.Routed(all[0]); kind == "told" && told.Mass[2] != 0.75*float64(len(b.IDs[0])) {
			t.Errorf("the expert that was told 3/4 has %g of %d rows", told.Mass[2], len(b.IDs[0]))
		}
	}
}

// An expert alone is a branch, a router that is uniform over equals is one of them, and an
// expert whose weight is null or which is the null expert says nothing.
func TestRoutedExtremes(t *testing.T) {
	s := rng.New(17).Stream()
	m := randomModel(t, small(true), s)
	b := routedBatch(m.config, s)
	own := randomBranch(m.config, "0.q", 3, 0.5, s)
	logits := func(bs []*Branch, qs ...*Router) []float32 {
		t.Helper()
		r := NewRunner(m)
		if err := r.Attach(bs...); err != nil {
			t.Fatal(err)
		}
		if err := r.Route(qs...); err != nil {
			t.Fatal(err)
		}
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		return r.Logits(nil)
	}
	plain, beside := logits(nil), logits([]*Branch{own})
	keys := draw(s, 2*m.config.Width, 1)
	alone := logits(nil, &Router{Module: "0.q", Experts: []*Branch{own}, Keys: keys[:m.config.Width], TopK: 1, Epsilon: 1e-5})
	numtest.Close(t, "one expert", alone, beside, 1e-5)
	twice := logits(nil, &Router{Module: "0.q", Experts: []*Branch{own, own}, By: Uniform})
	numtest.Close(t, "two of the same", twice, beside, 1e-5)
	for i := range b.Shares {
		b.Shares[i] = []float32{1, 0}
	}
	told := logits(nil, &Router{Module: "0.q", Experts: []*Branch{own, own}, By: Shared})
	numtest.Close(t, "told", told, beside, 1e-5)
	numtest.Same(t, "null", logits(nil, &Router{Module: "0.q", Experts: []*Branch{nil}, Keys: keys[:m.config.Width], TopK: 1, Epsilon: 1e-5}), plain)
	numtest.Same(t, "below", logits(nil, &Router{Module: "0.q", Experts: []*Branch{own}, Keys: keys[:m.config.Width], Epsilon: 1e-5, Below: 1e9}), plain)
}

func TestRouterRefusals(t *testing.T) {
	s := rng.New(18).Stream()
	m := randomModel(t, small(false), s)
	good := func() *Router {
		return &Router{Module: "0.q", Experts: []*Branch{randomBranch(m.config, "0.q", 2, 1, s), nil}, Keys: draw(s, 20, 1), TopK: 1, Epsilon: 1e-5}
	}
	for say, spoil := range map[string]func(*Router){
		"no experts":           func(q *Router) { q.Experts = nil },
		"is no module":         func(q *Router) { q.Module = "heads" },
		"the keys have 19":     func(q *Router) { q.Keys = q.Keys[:19] },
		"expected 0 (all) … 2": func(q *Router) { q.TopK = 3 },
		"epsilon is 0":         func(q *Router) { q.Epsilon = 0 },
		"without scores":       func(q *Router) { q.By, q.Keys = Uniform, nil },
		"keys for weights":     func(q *Router) { q.By = Shared },
		"factors mixed by row": func(q *Router) { q.Mix = Factors },
		"its rank is 3, and 2": func(q *Router) {
			q.Mix, q.Grain, q.Experts[1] = Factors, BySequence, randomBranch(m.config, "0.q", 3, 1, s)
		},
		"it is for module \"0.k": func(q *Router) { q.Experts[0].Module = "0.k" },
		"A has 19 numbers":       func(q *Router) { q.Experts[0].A = q.Experts[0].A[:19] },
		"or a gate of an expert": func(q *Router) { q.Experts[0].Key = make([]float32, 10) },
		"in the blocks":          func(q *Router) { q.Module, q.Experts = "lm_head", []*Branch{nil, nil} },
	} {
		q := good()
		spoil(q)
		if err := NewRunner(m).Route(q); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v; expected words on %q", err, say)
		}
	}
	r := NewRunner(m)
	if err := r.Route(&Router{Module: "0.q", Experts: good().Experts, By: Shared}); err != nil {
		t.Fatal(err)
	}
	ids := [][]int32{{1, 2}}
	for say, b := range map[string]Batch{
		"for 0 sequences of 1": {IDs: ids}, "for 3 experts of 2": {IDs: ids, Shares: [][]float32{{0, 1, 2}}},
		"has 3 places": {IDs: ids, Shares: [][]float32{{0, 1}}, Prompts: []int{3}}, "prompts for 2": {IDs: ids, Prompts: []int{1, 1}},
		"expert 1 is NaN": {IDs: ids, Shares: [][]float32{{0, float32(math.NaN())}}},
	} {
		if err := r.Forward(b); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v; expected words on %q", err, say)
		}
	}
	for say, spoil := range map[string]func(*Branch){
		"10 inputs": func(b *Branch) { b.Key = make([]float32, 9) }, "a gate beside": func(b *Branch) { b.Key, b.Dropout = make([]float32, 10), 0.5 },
	} {
		b := randomBranch(m.config, "0.q", 2, 1, s)
		spoil(b)
		if err := NewRunner(m).Attach(b); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v; expected words on %q", err, say)
		}
	}
}
