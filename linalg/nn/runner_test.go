package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/par"
	"github.com/loramesh/loramesh/linalg/rng"
)

// trained attaches one trained branch to q and v of every block.
func trained(t *testing.T, r *Runner, s *rng.Stream) (bs []*Branch, params []Param) {
	t.Helper()
	mods, err := r.Model().Config().Select([]string{"*.q", "*.v"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mods {
		b := randomBranch(r.Model().Config(), m.Name, 2, 0.5, s)
		b.TrainA()
		b.TrainB()
		bs, params = append(bs, b), append(params, b.Params()...)
	}
	if err := r.Attach(bs...); err != nil {
		t.Fatal(err)
	}
	return bs, params
}

func pick(b Batch, i int) Batch {
	return Batch{IDs: b.IDs[i : i+1], Labels: b.Labels[i : i+1], Positions: b.Positions[i : i+1]}
}

func TestSequenceAloneEqualsInBatch(t *testing.T) {
	s := rng.New(3).At("alone").Stream()
	m := randomModel(t, small(false), s)
	r := NewRunner(m)
	trained(t, r, s)
	b := raggedBatch(m.config, s)
	if err := r.Forward(b); err != nil {
		t.Fatal(err)
	}
	all := r.Logits(nil)
	total, each := r.Loss()
	each = slices.Clone(each)
	if total.Count == 0 {
		t.Fatal("no labels to compare")
	}
	at := 0
	for i, ids := range b.IDs {
		if err := r.Forward(pick(b, i)); err != nil {
			t.Fatal(err)
		}
		n := len(ids) * m.config.Vocab
		numtest.Same(t, "logits", r.Logits(nil), all[at:at+n])
		at += n
		if own, _ := r.Loss(); own != each[i] {
			t.Errorf("sequence %d: loss alone %+v, in the batch %+v", i, own, each[i])
		}
	}
}

// Two threads, each with a Runner on the same model, give what one gives.
func TestThreadsCannotBeSeen(t *testing.T) {
	s := rng.New(4).At("threads").Stream()
	m := randomModel(t, small(true), s)
	b := raggedBatch(m.config, s)
	run := func(workers int) [][]float32 {
		out := make([][]float32, len(b.IDs))
		par.For(len(b.IDs), workers, func(lo, hi int) {
			r := NewRunner(m)
			for i := lo; i < hi; i++ {
				if err := r.Forward(pick(b, i)); err != nil {
					panic(err)
				}
				out[i] = r.Logits(nil)
			}
		})
		return out
	}
	one, three := run(1), run(3)
	for i := range one {
		numtest.Same(t, "logits", three[i], one[i])
	}
}

func TestBackwardFromEqualsBackward(t *testing.T) {
	s := rng.New(5).At("from").Stream()
	m := randomModel(t, small(false), s)
	r := NewRunner(m)
	_, params := trained(t, r, s)
	b := raggedBatch(m.config, s)
	if err := r.Forward(b); err != nil {
		t.Fatal(err)
	}
	total, _ := r.Backward(nil)
	want := make([][]float32, len(params))
	for i, p := range params {
		want[i] = slices.Clone(p.Grad)
	}
	ZeroGrads(params)
	d := r.Logits(nil)
	for at, y := range r.labels[:r.rows] {
		row := d[at*m.config.Vocab : (at+1)*m.config.Vocab]
		if y == Ignore {
			clear(row)
		} else {
			kernel.CrossEntropyBack(ref(kernel.Of(row, 1, len(row))), []kernel.Labelled{{Label: int(y), Weight: 1 / float32(total.Count)}})
		}
	}
	r.BackwardFrom(d)
	for i, p := range params {
		numtest.Close(t, p.Name, p.Grad, want[i], 1e-5)
	}
}

// Freezing is not a matter of ignoring gradients: what is trained gets the same ones,
// whatever else is.
func TestFrozenPartsChangeNoGradient(t *testing.T) {
	s := rng.New(6).At("frozen").Stream()
	m := randomModel(t, small(false), s)
	b := raggedBatch(m.config, s)
	one := randomBranch(m.config, "1.k", 2, 1, s)
	gradient := func(others ...*Branch) []float32 {
		r := NewRunner(m)
		one.GradB = nil
		one.TrainA()
		if err := r.Attach(append(others, one)...); err != nil {
			t.Fatal(err)
		}
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		r.Backward(nil)
		return slices.Clone(one.GradA)
	}
	other := randomBranch(m.config, "0.gate", 2, 1, s)
	frozen := gradient(other)
	other.TrainA()
	other.TrainB()
	numtest.Same(t, "gradient of 1.k", gradient(other), frozen)
	if other.GradA[0] == 0 {
		t.Error("the trained branch below received nothing")
	}
}

// With dropout the masks of one stream make a fixed function; its gradient is checked by
// differences in float32, hence the tolerance.
func TestDropoutGradient(t *testing.T) {
	s := rng.New(7).At("dropout").Stream()
	m := randomModel(t, small(false), s)
	r := NewRunner(m)
	bs, _ := trained(t, r, s)
	b := raggedBatch(m.config, s)
	loss := func(h float32, x *float32) float64 {
		old := *x
		*x += h
		defer func() { *x = old }()
		b.Dropout = rng.New(8).Stream()
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		l, _ := r.Loss()
		return l.Mean()
	}
	plain := loss(0, &bs[0].A[0])
	for _, x := range bs {
		x.Dropout = 0.4
	}
	if with := loss(0, &bs[0].A[0]); with == plain {
		t.Fatal("dropout changed nothing")
	}
	r.Backward(nil)
	for i, x := range bs {
		for _, f := range []struct {
			name       string
			value, dif []float32
		}{{"A", x.A, x.GradA}, {"B", x.B, x.GradB}} {
			at := (7 * i) % len(f.value)
			want := (loss(5e-3, &f.value[at]) - loss(-5e-3, &f.value[at])) / 1e-2
			if !(math.Abs(float64(f.dif[at])-want) < 2e-3*max(1, math.Abs(want))) {
				t.Errorf("%s.%s[%d]: gradient %g; differences say %g", x.Module, f.name, at, f.dif[at], want)
			}
		}
	}
	b.Dropout = nil
	if err := r.Forward(b); err != nil {
		t.Fatal(err)
	}
	if l, _ := r.Loss(); l.Mean() != plain {
		t.Error("evaluation is not free of dropout")
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	s := rng.New(9).At("memory").Stream()
	m := randomModel(t, small(false), s)
	b := raggedBatch(m.config, s)
	for _, c := range []struct {
		name string
		with func(r *Runner) []Param
	}{
		{"branches", func(r *Runner) []Param { _, p := trained(t, r, s); return p }},
		{"base", func(r *Runner) []Param { return r.TrainBase(nil) }},
		{"dropout", func(r *Runner) []Param {
			bs, p := trained(t, r, s)
			bs[0].Dropout = 0.1
			return p
		}},
		{"magnitudes", func(r *Runner) []Param {
			x := randomBranch(m.config, "1.down", 3, 0.5, s)
			x.Magnitude = draw(s, m.config.Width, 1)
			x.TrainA()
			x.TrainB()
			x.TrainMagnitude()
			if err := r.Attach(x); err != nil {
				t.Fatal(err)
			}
			return x.Params()
		}},
		{"embedding", func(r *Runner) []Param {
			x := randomBranch(m.config, "embed", 3, 0.5, s)
			x.TrainA()
			x.TrainB()
			if err := r.Attach(x); err != nil {
				t.Fatal(err)
			}
			return x.Params()
		}},
	} {
		r := NewRunner(m)
		params := c.with(r)
		adam, plan := NewAdamW(0.9, 0.999, 1e-8, 0.01), Schedule{Name: "cosine", Warmup: 2, Total: 100}
		if c.name == "dropout" {
			b.Dropout = rng.New(1).Stream()
		}
		update := 0
		step := func() {
			if err := r.Forward(b); err != nil {
				t.Fatal(err)
			}
			r.Backward(nil)
			if _, _, err := r.Learn(b, nil); err != nil {
				t.Fatal(err)
			}
			ClipNorm(params, 1)
			adam.Step(params, 1e-3*plan.Rate(update))
			ZeroGrads(params)
			update++
		}
		step()
		if n := testing.AllocsPerRun(5, step); n != 0 {
			t.Errorf("%s: a step allocates %v times", c.name, n)
		}
	}
}

// The magnitudes of a DoRA that are the lengths which the rows have anyway change nothing.
func TestMagnitudesAsTheyAreChangeNothing(t *testing.T) {
	s := rng.New(16).At("magnitudes").Stream()
	c := small(false)
	m := randomModel(t, c, s)
	b := raggedBatch(c, s)
	for _, module := range []string{"0.v", "1.gate", "1.o"} {
		x := randomBranch(c, module, 2, 0.7, s)
		logits := func() []float32 {
			r := NewRunner(m)
			if err := r.Attach(x); err != nil {
				t.Fatal(err)
			}
			if err := r.Forward(b); err != nil {
				t.Fatal(err)
			}
			return r.Logits(nil)
		}
		plain := logits()
		w, err := m.Weight(module)
		if err != nil {
			t.Fatal(err)
		}
		in := len(x.A) / x.Rank
		for i := range len(x.B) / x.Rank {
			var square float64
			for j := range in {
				v := float64(w[i*in+j])
				for k := range x.Rank {
					v += float64(x.Scale) * float64(x.B[i*x.Rank+k]) * float64(x.A[k*in+j])
				}
				square += v * v
			}
			x.Magnitude = append(x.Magnitude, float32(math.Sqrt(square)))
		}
		numtest.Close(t, module, logits(), plain, 3e-5)
	}
}

// Learning works at all: the loss of a batch seen again and again falls.
func TestTrainingTheBaseLearns(t *testing.T) {
	s := rng.New(10).At("learn").Stream()
	m := randomModel(t, small(true), s)
	before := m.Tensors()
	b := raggedBatch(m.config, s)
	r := NewRunner(m)
	params := r.TrainBase(nil)
	adam := NewAdamW(0.9, 0.999, 1e-8, 0)
	var first, last Loss
	for i := range 60 {
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		last, _ = r.Backward(nil)
		if i == 0 {
			first = last
		}
		adam.Step(params, 0.02)
		ZeroGrads(params)
	}
	if !(last.Mean() < 0.5*first.Mean()) || last.Correct <= first.Correct {
		t.Errorf("loss went from %+v to %+v", first, last)
	}
	for i, x := range m.Tensors().List {
		numtest.Same(t, "the shared model's "+x.Name, x.Data, before.List[i].Data)
	}
	if r.Model() == m {
		t.Error("the base was trained in place")
	}
}

func TestMisuseIsNamed(t *testing.T) {
	s := rng.New(11).At("misuse").Stream()
	m := randomModel(t, small(false), s)
	r := NewRunner(m)
	for want, b := range map[string]Batch{
		"no sequences":                    {},
		"sequence 0 is empty":             {IDs: [][]int32{{}}},
		"place 1: token 11":               {IDs: [][]int32{{1, 11}}},
		"token -1":                        {IDs: [][]int32{{-1}}},
		"2 tokens and 1 labels":           {IDs: [][]int32{{1, 2}}, Labels: [][]int32{{1}}},
		"labels for 2 sequences of 1":     {IDs: [][]int32{{1}}, Labels: [][]int32{{1}, {1}}},
		"label 99":                        {IDs: [][]int32{{1}}, Labels: [][]int32{{99}}},
		"position -3":                     {IDs: [][]int32{{1}}, Positions: [][]int32{{-3}}},
		"positions for 0 sequences of 1":  {IDs: [][]int32{{1}}, Positions: [][]int32{}},
		"sequence 0 has 1 tokens and 2 p": {IDs: [][]int32{{1}}, Positions: [][]int32{{1, 2}}},
	} {
		if err := r.Forward(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one that says %q", err, want)
		}
	}
	for want, b := range map[string]*Branch{
		"no module":              {Module: "q"},
		"blocks 0 … 1":           {Module: "2.q"},
		"no such one":            {Module: "1.query"},
		"rank is 0":              {Module: "1.q"},
		"A has 3 numbers":        {Module: "1.q", Rank: 1, A: make([]float32, 3)},
		"B has 0 numbers":        {Module: "1.q", Rank: 1, A: make([]float32, 10)},
		"gradients have 1 and":   {Module: "1.q", Rank: 1, A: make([]float32, 10), B: make([]float32, 24), GradA: make([]float32, 1)},
		"there are 2 magnitudes": {Module: "1.q", Rank: 1, A: make([]float32, 10), B: make([]float32, 24), Magnitude: make([]float32, 2)},
		"the bias has 3":         {Module: "1.q", Rank: 1, A: make([]float32, 10), B: make([]float32, 24), Bias: make([]float32, 3)},
		"on an embedding":        {Module: "embed", Rank: 1, A: make([]float32, 11), B: make([]float32, 10), Dropout: 0.1},
		"dropout is 1":           {Module: "1.q", Rank: 1, A: make([]float32, 10), B: make([]float32, 24), Dropout: 1},
	} {
		if err := r.Attach(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one that says %q", err, want)
		}
	}
	for _, l := range r.lanes {
		if len(l.branches) != 0 {
			t.Errorf("%d branches stayed after errors", len(l.branches))
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Loss without Forward did not panic")
		}
	}()
	r.Loss()
}

func TestUnpad(t *testing.T) {
	b, err := Unpad([][]int32{{0, 0, 5, 6}, {7, 8, 9, 0}}, [][]int32{{-100, -100, -100, 6}, {7, 8, 9, -100}}, nil, [][]int32{{0, 0, 1, 1}, {1, 1, 1, 0}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.IDs[0], []int32{5, 6}) || !slices.Equal(b.IDs[1], []int32{7, 8, 9}) || !slices.Equal(b.Labels[0], []int32{-100, 6}) {
		t.Errorf("got %+v", b)
	}
	if _, err := Unpad([][]int32{{1, 2}}, [][]int32{{1, 2}}, nil, [][]int32{{0, 1}}); err == nil {
		t.Error("a label on a masked place passed")
	}
	if _, err := Unpad([][]int32{{1, 2}}, nil, nil, [][]int32{{1}}); err == nil {
		t.Error("a mask that is too short passed")
	}
	if _, err := Unpad([][]int32{{1, 2}}, nil, nil, nil); err == nil {
		t.Error("no mask at all passed")
	}
}

// Flock by flock a batch gives the losses and gradients that it gives at once, but for the
// order in which gradients add up.
func TestLearnEqualsForwardAndBackward(t *testing.T) {
	s := rng.New(15).At("learn").Stream()
	m := randomModel(t, small(false), s)
	b := raggedBatch(m.config, s)
	for range 3 { // of 70 rows
		more := raggedBatch(m.config, s)
		b.IDs, b.Labels, b.Positions = append(b.IDs, more.IDs...), append(b.Labels, more.Labels...), append(b.Positions, more.Positions...)
	}
	weight := make([]float64, len(b.IDs))
	for i := range weight {
		weight[i] = s.Float64()
	}
	for name, w := range map[string][]float64{"even": nil, "weighted": weight} {
		r := NewRunner(m)
		params := r.TrainBase(nil)
		_, low := trained(t, r, s)
		params = append(params, low...)
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		total, each := r.Backward(w)
		each = slices.Clone(each)
		var want [][]float32
		for _, p := range params {
			want = append(want, slices.Clone(p.Grad))
		}
		ZeroGrads(params)
		again, own, err := r.Learn(b, w)
		if err != nil || again != total || !slices.Equal(own, each) {
			t.Errorf("%s: losses %+v, %v; want %+v", name, again, err, total)
		}
		for i, p := range params {
			numtest.Close(t, name+" "+p.Name, p.Grad, want[i], 1e-4)
		}
		if r.ready {
			t.Error("the last flock poses as the batch")
		}
	}
	if _, _, err := NewRunner(m).Learn(Batch{}, nil); err == nil {
		t.Error("an empty batch passed")
	}
}
