package train_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/train"
)

// byHand is a Fit written out over nn alone: what the trainer does, without the trainer.
func (r rig) byHand(who int, draw uint64, f method.Fit) (lora.Adapter, nn.Loss) {
	r.t.Helper()
	b := r.world.Bases[0]
	part := f.Train[0].(method.LoRA)
	run := nn.NewRunner(b.Model)
	modules, err := b.Model.Config().Select(part.Modules)
	if err != nil {
		r.t.Fatal(err)
	}
	var pairs lora.Adapter
	var params []nn.Param
	for _, m := range modules {
		p := lora.Fresh(rng.New(draw).At("init", "lora"), lora.Module{Name: m.Name, Out: m.Out, In: m.In}, part.Rank, part.Scale, lora.Kaiming{})
		branch := &nn.Branch{Module: m.Name, A: p.A, B: p.B, Rank: p.Rank, Scale: float32(part.Scale), Dropout: part.Dropout}
		branch.TrainA()
		branch.TrainB()
		if err := run.Attach(branch); err != nil {
			r.t.Fatal(err)
		}
		pairs, params = append(pairs, p), append(params, branch.Params()...)
	}
	rows, err := r.world.Rows(0, method.ID{Pool: "client", Index: who}, "train")
	if err != nil {
		r.t.Fatal(err)
	}
	var optimiser nn.Optimiser = nn.NewAdamW(0.9, 0.999, 1e-8, f.Optimiser.Decay)
	if f.Optimiser.Name == "sgd" {
		optimiser = nn.NewSGD(f.Optimiser.Momentum, f.Optimiser.Decay)
	}
	perEpoch := (len(rows) + f.Batch - 1) / f.Batch
	total := perEpoch * int(f.Epochs)
	schedule := nn.Schedule{Name: f.Schedule.Name, Total: total, Warmup: int(f.Schedule.Warmup * float64(total))}
	dropout := rng.New(draw).At("dropout").Stream()
	var sum nn.Loss
	for epoch := range int(f.Epochs) {
		order := rng.New(draw).At("batch", epoch).Stream().Perm(len(rows))
		for k := range perEpoch {
			batch := nn.Batch{Dropout: dropout}
			for _, i := range order[k*f.Batch : min((k+1)*f.Batch, len(rows))] {
				s, _, err := r.world.Sequence(b, rows[i], false)
				if err != nil {
					r.t.Fatal(err)
				}
				batch.IDs, batch.Labels = append(batch.IDs, s.IDs), append(batch.Labels, s.Labels)
			}
			nn.ZeroGrads(params)
			l, _, err := run.Learn(batch, nil)
			if err != nil {
				r.t.Fatal(err)
			}
			sum.Sum, sum.Count = sum.Sum+l.Sum, sum.Count+l.Count
			if f.Clip > 0 {
				nn.ClipNorm(params, f.Clip)
			}
			optimiser.Step(params, f.Optimiser.LR*schedule.Rate(epoch*perEpoch+k))
		}
	}
	return pairs, sum
}

func TestFitIsTheLoopByHand(t *testing.T) {
	r := newRig(t)
	for name, f := range map[string]method.Fit{
		"adamw": fit(func(f *method.Fit, _ *method.LoRA) {
			f.Epochs, f.Schedule.Name = 2, "constant"
		}),
		"sgd, clipped": fit(sgd, func(f *method.Fit, _ *method.LoRA) {
			f.Optimiser.Momentum, f.Clip, f.Schedule = 0.5, 0.1, method.Schedule{Name: "cosine", Warmup: 0.4}
		}),
		"all modules": fit(func(f *method.Fit, l *method.LoRA) {
			f.Optimiser.Decay, f.Schedule, l.Modules, l.Rank = 0.1, method.Schedule{Name: "linear"}, []string{"*"}, 3
		}),
		"dropout": fit(func(f *method.Fit, l *method.LoRA) {
			f.Epochs, f.Schedule.Name, l.Dropout = 2, "constant", 0.4
		}),
	} {
		rep := r.do(1, 77, f)
		want, loss := r.byHand(1, 77, f)
		for i, p := range r.adapter(rep.Blob("lora")) {
			if w := want[i]; p.Module != w.Module || p.Scale != w.Scale || !slices.Equal(p.A, w.A) || !slices.Equal(p.B, w.B) {
				t.Errorf("%s: module %s differs", name, p.Module)
			}
		}
		if got := value(t, rep, "loss", ""); got.Value != loss.Mean() || got.Weight != float64(loss.Count) {
			t.Errorf("%s: loss %v over %v labels, by hand %v over %d", name, got.Value, got.Weight, loss.Mean(), loss.Count)
		}
		if p := r.pair(rep.Blob("lora"), "0.q"); slices.Max(p.B) == 0 {
			t.Errorf("%s: nothing was learned", name)
		}
	}
}

// A trainer that has done other work before gives the same bits.
func TestFitDoesNotRememberWork(t *testing.T) {
	r := newRig(t)
	want := r.do(0, 5, fit()).Blob("lora")
	r.do(1, 9, fit(func(_ *method.Fit, l *method.LoRA) { l.Modules, l.Dropout, l.Rank = []string{"*"}, 0.2, 4 }))
	r.do(2, 9, method.Score{Model: main, Metrics: []string{"loss"}})
	if got := r.do(0, 5, fit()).Blob("lora"); got != want {
		t.Error("the same work twice made two adapters")
	}
}

func TestEpochsStepsAndBatches(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		epochs       float64
		steps, batch int
		limit        int
		sizes        []int // of the batches that must come
		used         int
	}{
		{1, 0, 4, 0, []int{4, 4, 2}, 10},
		{1, 0, 0, 0, []int{10}, 10},
		{2, 0, 5, 0, []int{5, 5, 5, 5}, 10},
		{0.5, 0, 4, 0, []int{4, 1}, 5},
		{1.5, 0, 4, 0, []int{4, 4, 2, 4, 1}, 10},
		{0.01, 0, 4, 0, []int{1}, 1},
		{0, 4, 4, 0, []int{4, 4, 2, 4}, 10},
		{0, 1, 4, 0, []int{4}, 4},
		{0, 3, 0, 0, []int{10, 10, 10}, 10},
		{0, 2, 100, 0, []int{10, 10}, 10},
		{1, 0, 2, 3, []int{2, 1}, 3},
	} {
		name := fmt.Sprintf("%v epochs, %d steps of %d, limit %d", c.epochs, c.steps, c.batch, c.limit)
		f := fit(func(f *method.Fit, _ *method.LoRA) {
			f.Epochs, f.Steps, f.Batch, f.Data.Limit = c.epochs, c.steps, c.batch, c.limit
			f.Schedule.Name = "linear"
		})
		var said [][2]int
		out, err := r.train.Work(method.WorkRequest{Whom: method.ID{Pool: "client"}, Draws: []uint64{1},
			Assign: []method.Assignment{{Name: "fit", Recipe: f}}}, func(step train.Step) error {
			said = append(said, [2]int{step.Done, step.Of})
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rep, sum := out.Reports[0], 0
		for i, n := range c.sizes {
			sum += n
			if i >= len(said) || said[i] != [2]int{i, len(c.sizes)} {
				t.Fatalf("%s: the steps were %v", name, said)
			}
		}
		first, last, all := value(t, rep, "loss.first", ""), value(t, rep, "loss.last", ""), value(t, rep, "loss", "")
		want := [3]float64{float64(c.sizes[0] * labelsEach), float64(c.sizes[len(c.sizes)-1] * labelsEach), float64(sum * labelsEach)}
		if got := [3]float64{first.Weight, last.Weight, all.Weight}; len(said) != len(c.sizes) || got != want || rep.Examples != c.used {
			t.Errorf("%s: %d steps over %v labels, %d examples; expected %d, %v, %d", name, len(said), got, rep.Examples, len(c.sizes), want, c.used)
		}
	}
}

// In order, the batches are the rows as they lie, whatever the draw.
func TestInOrder(t *testing.T) {
	r := newRig(t)
	plain := func(f *method.Fit, l *method.LoRA) { f.Data.Draw, l.Shared = method.InOrder, true }
	a, b := r.do(0, 1, fit(plain)), r.do(0, 2, fit(plain))
	if a.Blob("lora") != b.Blob("lora") {
		t.Error("two draws give two orders")
	}
	c, d := r.do(0, 1, fit(func(_ *method.Fit, l *method.LoRA) { l.Shared = true })), r.do(0, 2, fit(func(_ *method.Fit, l *method.LoRA) { l.Shared = true }))
	if c.Blob("lora") == d.Blob("lora") {
		t.Error("two draws give one shuffle")
	}
}

// A weight on the objective multiplies the gradient: by two, exactly.
func TestObjectiveWeighs(t *testing.T) {
	r := newRig(t)
	weigh := func(w ...float64) func(*method.Fit, *method.LoRA) {
		return func(f *method.Fit, _ *method.LoRA) {
			f.Objective = nil
			for _, x := range w {
				f.Objective = append(f.Objective, method.Term{Weight: x, Loss: method.CrossEntropy{}})
			}
		}
	}
	module := func(w ...float64) lora.Pair {
		return r.pair(r.do(0, 1, fit(sgd, oneStep, weigh(w...))).Blob("lora"), "0.q")
	}
	one := module(1)
	for _, w := range [][]float64{{2}, {1, 1}, {0.5, 1.5}} {
		if p := module(w...); !slices.Equal(p.B, times(one.B, 2)) {
			t.Errorf("terms of weight %v do not train twice as fast as one of 1", w)
		}
	}
	if p := module(0); slices.Max(p.B) != 0 || slices.Min(p.B) != 0 {
		t.Error("a term of weight 0 trains")
	}
	off := fit(sgd, oneStep, func(f *method.Fit, _ *method.LoRA) {
		f.Objective = []method.Term{{Weight: 1, Loss: method.CrossEntropy{}}, {Weight: 0, Loss: method.CrossEntropy{Inputs: true}}}
	})
	if p := r.pair(r.do(0, 1, off).Blob("lora"), "0.q"); !slices.Equal(p.B, one.B) {
		t.Error("a term that is switched off changes what is trained on")
	}
	both := fit(func(f *method.Fit, _ *method.LoRA) {
		f.Objective = []method.Term{{Weight: 1, Loss: method.CrossEntropy{Inputs: true}}}
	})
	if w := value(t, r.do(0, 1, both), "loss", "").Weight; w != rowsEach*8 {
		t.Errorf("with the prompts, %v labels count; expected %d", w, rowsEach*8)
	}
}

func TestDropoutIsDrawnByName(t *testing.T) {
	r := newRig(t)
	with := func(p float64) func(*method.Fit, *method.LoRA) {
		return func(_ *method.Fit, l *method.LoRA) { l.Dropout, l.Shared = p, true }
	}
	a, b, c := r.do(0, 1, fit(with(0.5))), r.do(0, 1, fit(with(0.5))), r.do(0, 1, fit(with(0)))
	if a.Blob("lora") != b.Blob("lora") || a.Blob("lora") == c.Blob("lora") {
		t.Errorf("dropout of a half: %s, %s; without: %s", a.Blob("lora"), b.Blob("lora"), c.Blob("lora"))
	}
}

// What a lease asks for is done in order, each under its own name and draw, and what is
// not asked for is not uploaded.
func TestLease(t *testing.T) {
	r := newRig(t)
	two := fit()
	two.Train = append(two.Train, method.LoRA{Name: "more", Modules: []string{"*.o"}, Rank: 1, Scale: 1})
	whom := method.ID{Pool: "client", Index: 2}
	req := method.WorkRequest{Whom: whom, Round: 3, Draws: []uint64{1, 2, 3}, Assign: []method.Assignment{
		{Name: "a", Recipe: fit()}, {Name: "b", Recipe: two, Upload: []string{"more"}}, {Name: "c", Recipe: two}}}
	out, err := r.work(req)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{{"lora"}, {"more"}, {"lora", "more"}} {
		rep := out.Reports[i]
		if rep.Name != req.Assign[i].Name || rep.From != whom || rep.Round != 3 || rep.Share != 1 {
			t.Errorf("report %d is %+v", i, rep)
		}
		for what, named := range map[string][]method.Named{"made": rep.Made, "began": rep.Began} {
			var got []string
			for _, n := range named {
				got = append(got, n.Name)
			}
			if !slices.Equal(got, want) {
				t.Errorf("report %d: %s %v, expected %v", i, what, got, want)
			}
		}
	}
	if r.do(2, 1, fit()).Blob("lora") != out.Reports[0].Blob("lora") {
		t.Error("alone, the first assignment gives another adapter")
	}
	req.Draws = req.Draws[:2]
	if _, err := r.work(req); err == nil {
		t.Error("three assignments were done with two draws")
	}
}

func TestStepEndsTheWork(t *testing.T) {
	r := newRig(t)
	stop := errors.New("stop")
	for at := range 3 {
		steps := 0
		_, err := r.train.Work(method.WorkRequest{Whom: method.ID{Pool: "client", Index: 3}, Round: 7, Draws: []uint64{1},
			Assign: []method.Assignment{{Name: "long", Recipe: fit()}}}, func(step train.Step) error {
			steps++
			if step.Done == at {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) || steps != at+1 {
			t.Errorf("stopped at step %d: %d steps, %v", at, steps, err)
		}
		for _, where := range []string{"client/3", `"long"`, "round 7"} {
			if !strings.Contains(err.Error(), where) {
				t.Errorf("%v does not say %s", err, where)
			}
		}
	}
}

// After the first step, a step of training allocates nothing.
func TestStepsDoNotAllocate(t *testing.T) {
	r := newRig(t)
	for name, f := range map[string]method.Fit{
		"plain": fit(func(f *method.Fit, l *method.LoRA) { f.Epochs, f.Clip, l.Dropout = 8, 1, 0.1 }),
		"sgd":   fit(sgd, func(f *method.Fit, _ *method.LoRA) { f.Epochs, f.Optimiser.Momentum = 8, 0.9 }),
		"weighted": fit(func(f *method.Fit, _ *method.LoRA) {
			f.Epochs, f.Objective = 8, []method.Term{{Weight: 0.5, Loss: method.CrossEntropy{}}}
		}),
	} {
		counts := make([]uint64, 0, 64)
		_, err := r.train.Work(method.WorkRequest{Whom: method.ID{Pool: "client"}, Draws: []uint64{1},
			Assign: []method.Assignment{{Name: "fit", Recipe: f}}}, func(train.Step) error {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			counts = append(counts, m.Mallocs)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		quiet := 0
		for i := 2; i < len(counts); i++ {
			if counts[i] == counts[i-1] {
				quiet++
			}
		}
		if steps := len(counts) - 2; quiet < steps-2 { // the runtime may allocate something of its own
			t.Errorf("%s: %d of %d steps allocated nothing", name, quiet, steps)
		}
	}
}

func TestLongExamplesAreReported(t *testing.T) {
	r := newRig(t, "data.phrases.tokens=7")
	want := "more than 7 tokens"
	if rep := r.do(0, 1, fit()); len(rep.Warnings) != 1 || !strings.Contains(rep.Warnings[0], want) {
		t.Errorf("a fit on examples that were cut warns of %q", rep.Warnings)
	}
	score := method.Score{Model: main, Metrics: []string{"loss"}}
	if rep := r.do(0, 1, score); len(rep.Warnings) != 1 || !strings.Contains(rep.Warnings[0], want) {
		t.Errorf("a score on examples that were cut warns of %q", rep.Warnings)
	}
	if rep := newRig(t).do(0, 1, fit()); len(rep.Warnings) != 0 {
		t.Errorf("examples that fit are warned of: %q", rep.Warnings)
	}
}
