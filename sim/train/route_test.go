package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/mlp"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// gated is a model with an adapter behind a gate, and a Fit of the gate's keys.
func gated(b, keys method.Blob) method.Fit {
	f := fit()
	f.Model.Attach = []method.Attach{{Name: "own", From: method.From{Blob: b}, Scale: 1, Gate: method.Sigmoid{Key: keys}}}
	f.Train = []method.Part{method.Keys{Name: "keys", Of: []string{"own"}}}
	return f
}

func (r rig) keys(b method.Blob) lora.Keys {
	r.t.Helper()
	x, err := r.blobs.Open(b)
	if err != nil {
		r.t.Fatal(err)
	}
	k, err := lora.ParseKeys(x)
	if err != nil {
		r.t.Fatal(err)
	}
	return k
}

func (r rig) putKeys(k lora.Keys) method.Blob {
	r.t.Helper()
	b, err := r.blobs.Put(k.Tensors())
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// Gates begin half open, learn from their task's loss, and go on from where they were; the
// adapter behind them stays as it is.
func TestGatesAreTrained(t *testing.T) {
	r := newRig(t)
	expert := r.do(0, 1, fit(func(f *method.Fit, _ *method.LoRA) { f.Epochs = 5 })).Made[0].Blob
	half := func(f *method.Fit, _ *method.LoRA) { f.Epochs = 8 }
	f := gated(expert, "")
	half(&f, nil)
	rep := r.do(0, 2, f)
	if rep.Made[0].Name != "keys" || len(rep.Made) != 1 {
		t.Fatalf("it made %+v", rep.Made)
	}
	for _, k := range r.keys(rep.Began[0].Blob) {
		if slices.ContainsFunc(k.V, func(v float32) bool { return v != 0 }) {
			t.Errorf("the gate of %s does not begin half open", k.Module)
		}
	}
	keys := r.keys(rep.Made[0].Blob)
	if len(keys) != len(r.adapter(expert)) || !slices.ContainsFunc(keys[0].V, func(v float32) bool { return v != 0 }) {
		t.Errorf("keys %v", keys)
	}
	first, last := value(t, rep, "loss.first", ""), value(t, rep, "loss.last", "")
	if !(last.Value < first.Value) {
		t.Errorf("the loss went from %g to %g", first.Value, last.Value)
	}
	score := func(keys method.Blob) float64 {
		m := gated(expert, keys).Model
		return value(t, r.do(0, 1, method.Score{Model: m, Metrics: []string{"loss"}}), "loss", "").Value
	}
	if open, trained := score(""), score(rep.Made[0].Blob); !(trained < open) {
		t.Errorf("behind trained gates the loss is %g, behind half-open ones %g", trained, open)
	}
}

// router is a model with experts of their own key each.
func (r rig) router(change func(*method.Router), experts ...method.Blob) method.Model {
	m := method.Model{Base: "main"}
	q := method.Router{By: method.Standardised, Grain: method.Token, Mix: method.Outputs, TopK: 1, Epsilon: 1e-5}
	for i, b := range experts {
		name := string(rune('a' + i))
		m.Attach = append(m.Attach, method.Attach{Name: name, From: method.From{Blob: b}, Scale: 1})
		var keys lora.Keys
		for _, p := range r.adapter(b) {
			v := make([]float32, p.In)
			for j := range v {
				v[j] = float32(math.Sin(float64(i*j + i)))
			}
			keys = append(keys, lora.Key{Module: p.Module, V: v})
		}
		q.Over = append(q.Over, method.Expert{Attach: name, Key: r.putKeys(keys)})
	}
	if change != nil {
		change(&q)
	}
	m.Routers = []method.Router{q}
	return m
}

// A router over one expert is that expert, uniform weights over two of the same are too, and
// what it did can be measured.
func TestRoutersAnswer(t *testing.T) {
	r := newRig(t)
	train := func(draw uint64) method.Blob {
		return r.do(0, draw, fit(func(f *method.Fit, _ *method.LoRA) { f.Epochs = 3 })).Made[0].Blob
	}
	one, two := train(1), train(2)
	loss := func(m method.Model) float64 {
		return value(t, r.do(0, 1, method.Score{Model: m, Metrics: []string{"loss"}}), "loss", "").Value
	}
	alone := loss(method.Model{Base: "main", Attach: []method.Attach{{Name: "a", From: method.From{Blob: one}, Scale: 1}}})
	uniform := func(q *method.Router) { q.By, q.TopK, q.Over[0].Key, q.Over[1].Key = method.Uniform, 0, "", "" }
	for name, m := range map[string]method.Model{"one": r.router(nil, one), "two of the same": r.router(nil, one, one), "uniform": r.router(uniform, one, one)} {
		if got := loss(m); math.Abs(got-alone) > 1e-6*alone {
			t.Errorf("%s: loss %g; the expert alone has %g", name, got, alone)
		}
	}
	rep := r.do(0, 1, method.Probe{Model: r.router(func(q *method.Router) { q.TopK = 2 }, one, two), What: []method.Statistic{method.Routing{}}})
	x, err := r.blobs.Open(rep.Made[0].Blob)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range x.List {
		if w.Name != "count" && (len(w.Data) != 2 || math.Abs(float64(w.Data[0]+w.Data[1])-1) > 1e-6) {
			t.Errorf("the mean weights of %s are %v", w.Name, w.Data)
		}
	}
	for _, grain := range []method.Grain{method.Sequence, method.Batch} {
		if got := loss(r.router(func(q *method.Router) { q.Grain = grain }, one, two)); got == alone || math.IsNaN(got) {
			t.Errorf("grain %s: loss %g", grain, got)
		}
	}
}

// Gates and keys of another base are refused with both sizes; so are experts without keys.
func TestKeysThatDoNotFit(t *testing.T) {
	r := newRig(t)
	expert := r.do(0, 1, fit()).Made[0].Blob
	narrow := r.putKeys(lora.Keys{{Module: "0.q", V: []float32{1}}})
	for says, m := range map[string]method.Model{
		"a key of 1 numbers for module 0.q, which has 16 inputs": gated(expert, narrow).Model,
		"its key has 1 numbers on module 0.q":                    r.router(func(q *method.Router) { q.Over[0].Key = narrow }, expert),
		"it has no key":                                          r.router(func(q *method.Router) { q.Over[0].Key = "" }, expert),
		"the best 5 of 1 experts":                                r.router(func(q *method.Router) { q.TopK = 5 }, expert),
		"epsilon is 0":                                           r.router(func(q *method.Router) { q.Epsilon = 0 }, expert),
		`an example has no column "task"`:                        r.router(func(q *method.Router) { q.By, q.Column = method.ByColumn, "task" }, expert),
		"of kind \"adapter\"":                                    gated(expert, expert).Model,
	} {
		_, err := r.try(0, 1, method.Score{Model: m, Metrics: []string{"loss"}})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; want one that says %q", err, says)
		}
	}
}

// With the expert told, a score is that of a router that goes by the column; the gap is what
// the router as it is falls short of that by, and of every task's decisions it is told where
// they went.
func TestExpertsAreTold(t *testing.T) {
	r := newRig(t)
	train := func(who int) method.Blob {
		return r.do(who, 1, fit(func(f *method.Fit, _ *method.LoRA) { f.Epochs, f.Optimiser.LR = 30, 0.1 })).Made[0].Blob
	}
	m := r.router(func(q *method.Router) { q.Column, q.TopK = "topic", 2 }, train(0), train(1))
	for i, name := range []string{"harbour", "tavern"} {
		m.Attach[i].Name, m.Routers[0].Over[i].Attach = name, name
	}
	names := []string{"accuracy", "route.oracle", "route.gap", "route.confusion"}
	rep := r.do(0, 1, method.Score{Model: m, Metrics: names})
	oracle := m
	oracle.Routers = []method.Router{{Over: m.Routers[0].Over, By: method.ByColumn, Grain: method.Sequence, Mix: method.Outputs, Column: "topic"}}
	want := value(t, r.do(0, 1, method.Score{Model: oracle, Metrics: names[:1]}), "accuracy", "").Value
	asIs, told, gap := value(t, rep, "accuracy", "").Value, value(t, rep, "route.oracle", "").Value, value(t, rep, "route.gap", "").Value
	if told != want || gap != told-asIs || told == asIs {
		t.Errorf("as it is %g, told %g, the gap %g; a router by the column has %g", asIs, told, gap, want)
	}
	sums := map[string]float64{}
	for _, v := range rep.Values {
		if task, _, is := strings.Cut(v.Group, ","); is {
			sums[task] += v.Value
		}
	}
	for task, sum := range sums {
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("the shares of %s add up to %g", task, sum)
		}
	}
	if len(sums) == 0 {
		t.Error("no task was told of")
	}
	two := m
	two.Routers = append(slices.Clone(m.Routers), m.Routers...)
	if _, err := r.try(0, 1, method.Score{Model: two, Metrics: names[1:2]}); err == nil || !strings.Contains(err.Error(), "telling the experts of 2 routers") {
		t.Errorf("two routers: %v", err)
	}
	plain := value(t, r.do(0, 1, method.Score{Model: method.Model{Base: "main"}, Metrics: names[2:3]}), "route.gap", "")
	if plain.Weight != 0 || plain.Value != 0 {
		t.Errorf("without a router the gap is %g of %g", plain.Value, plain.Weight)
	}
}

// Routers that look at prompts as a whole send each example to the expert that stored it, or that
// the judge names; what does not fit the encoder is refused.
func TestExpertsFoundByPrompts(t *testing.T) {
	r := newRig(t)
	train := func(who int) method.Blob {
		return r.do(who, 1, fit(func(f *method.Fit, _ *method.LoRA) { f.Epochs, f.Optimiser.LR = 30, 0.1 })).Made[0].Blob
	}
	m := r.router(nil, train(0), train(1))
	probe := method.Probe{Model: main, What: []method.Statistic{method.Feature{After: method.Last, Pool: "mean"}}, By: []string{"example"}}
	stored := func(who int) lora.Embeddings {
		x, err := r.blobs.Open(r.do(who, 1, probe).Made[0].Blob)
		if err != nil {
			t.Fatal(err)
		}
		return lora.Embeddings{Width: x.List[0].Shape[1], Rows: x.List[0].Data}
	}
	put := func(x method.Tensors) method.Blob {
		b, err := r.blobs.Put(x)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	own := stored(0)
	far := lora.Embeddings{Width: own.Width, Rows: make([]float32, own.Width)}
	for i, v := range own.Rows[:own.Width] {
		far.Rows[i] = -v
	}
	nearest := func(a, b lora.Embeddings) method.Model {
		x := m
		x.Routers = []method.Router{{Over: slices.Clone(m.Routers[0].Over), By: method.Nearest, Grain: method.Sequence, Mix: method.Outputs}}
		x.Routers[0].Over[0].Key, x.Routers[0].Over[1].Key = put(a.Tensors()), put(b.Tensors())
		return x
	}
	loss := func(x method.Model) float64 {
		return value(t, r.do(0, 1, method.Score{Model: x, Metrics: []string{"loss"}}), "loss", "").Value
	}
	alone := func(i int) float64 {
		return loss(method.Model{Base: "main", Attach: m.Attach[i : i+1]})
	}
	for i, x := range []method.Model{nearest(own, far), nearest(far, own)} {
		if got, want := loss(x), alone(i); math.Abs(got-want) > 1e-6*want {
			t.Errorf("expert %d: loss %g by the nearest; alone it has %g", i, got, want)
		}
	}
	c, err := mlp.Train(append(slices.Clone(own.Rows), far.Rows...), own.Width, append(make([]int, len(own.Rows)/own.Width), 1), 2, mlp.Plan{Hidden: 8, Steps: 200, LR: 0.02}, rng.New(1).Stream())
	if err != nil {
		t.Fatal(err)
	}
	judged := m
	judged.Routers = []method.Router{{Over: m.Routers[0].Over, By: method.Judged, Grain: method.Sequence, Mix: method.Outputs, Judge: put(c.Tensors())}}
	if got, want := loss(judged), alone(0); math.Abs(got-want) > 1e-6*want {
		t.Errorf("loss %g by the judge; the expert that it names has %g", got, want)
	}
	three := judged
	three.Routers = []method.Router{judged.Routers[0]}
	three.Routers[0].Over = append(slices.Clone(m.Routers[0].Over), m.Routers[0].Over[0])
	for says, x := range map[string]method.Model{
		"knows 2 experts": three,
		"its stored examples have 3 numbers, and the encoder gives": nearest(lora.Embeddings{Width: 3, Rows: make([]float32, 3)}, own),
		"its encoder": func() method.Model { x := nearest(own, far); x.Routers[0].Encoder = "nowhere"; return x }(),
	} {
		if _, err := r.try(0, 1, method.Score{Model: x, Metrics: []string{"loss"}}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; want one that says %q", err, says)
		}
	}
}
