package train_test

import (
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/train"
	"github.com/loramesh/loramesh/sim/world"
)

// rig is a trainer with what it works on: four clients of ten examples each, every example
// of nine tokens, of which six are labels that count.
type rig struct {
	t     *testing.T
	world *world.World
	blobs *blob.Store
	train *train.Trainer
}

const (
	rowsEach   = 10
	labelsEach = 6
)

func newRig(t *testing.T, sets ...string) rig {
	t.Helper()
	even := []string{"data.phrases.with.train=40", "data.phrases.valid=0", "population.client.split=iid", "population.client.rank=4"}
	w := simtest.World(t, simtest.Trial(t, append(even, sets...)...), nil)
	blobs := simtest.Blobs(t)
	return rig{t, w, blobs, train.New(w, blobs, &train.Merged{})}
}

// work has a lease done, and insists that it brings what its assignments make: the coordinator
// takes nothing else.
func (r rig) work(req method.WorkRequest) (method.WorkResponse, error) {
	r.t.Helper()
	out, err := r.train.Work(req, nil)
	for i, rep := range out.Reports {
		made, want := []string{}, req.Assign[i].Makes()
		for _, n := range rep.Made {
			made = append(made, n.Name)
		}
		slices.Sort(made)
		slices.Sort(want)
		if err == nil && !slices.Equal(made, want) {
			r.t.Errorf("an assignment that makes %q made %q", want, made)
		}
	}
	return out, err
}

// try has a client do one recipe.
func (r rig) try(who int, draw uint64, recipe method.Recipe) (method.Report, error) {
	out, err := r.work(method.WorkRequest{Whom: method.ID{Pool: "client", Index: who}, Draws: []uint64{draw},
		Assign: []method.Assignment{{Name: "fit", Recipe: recipe}}})
	if err != nil {
		return method.Report{}, err
	}
	return out.Reports[0], nil
}

// do is try for what must go well.
func (r rig) do(who int, draw uint64, recipe method.Recipe) method.Report {
	r.t.Helper()
	rep, err := r.try(who, draw, recipe)
	if err != nil {
		r.t.Fatal(err)
	}
	return rep
}

func (r rig) adapter(b method.Blob) lora.Adapter {
	r.t.Helper()
	x, err := r.blobs.Open(b)
	if err != nil {
		r.t.Fatal(err)
	}
	a, err := lora.Parse(x)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// pair is what one module of a blob holds.
func (r rig) pair(b method.Blob, module string) lora.Pair {
	r.t.Helper()
	p, ok := r.adapter(b).Pair(module)
	if !ok {
		r.t.Fatalf("the adapter has no module %s", module)
	}
	return p
}

func (r rig) put(a lora.Adapter) method.Blob {
	r.t.Helper()
	b, err := r.blobs.Put(a.Tensors())
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

var main = method.Model{Base: "main"}

// fit is a plain one: q and v at rank 2, an epoch of batches of four.
func fit(change ...func(*method.Fit, *method.LoRA)) method.Fit {
	part := method.LoRA{Name: "lora", Modules: []string{"*.q", "*.v"}, Rank: 2, Scale: 2}
	f := method.Fit{Model: main, Objective: method.CE, Optimiser: method.Optimiser{LR: 1e-2}, Epochs: 1, Batch: 4}
	for _, c := range change {
		c(&f, &part)
	}
	f.Train = []method.Part{part}
	return f
}

func sgd(f *method.Fit, _ *method.LoRA)     { f.Optimiser = method.Optimiser{Name: "sgd", LR: 0.5} }
func still(f *method.Fit, _ *method.LoRA)   { f.Optimiser.LR = 0 }
func oneStep(f *method.Fit, _ *method.LoRA) { f.Epochs, f.Steps, f.Batch = 0, 1, 0 }

// from begins with a blob.
func from(b method.Blob) func(*method.Fit, *method.LoRA) {
	return func(_ *method.Fit, l *method.LoRA) { l.From.Blob = b }
}

func value(t *testing.T, rep method.Report, name, group string) method.Value {
	t.Helper()
	for _, v := range rep.Values {
		if v.Name == name && v.Group == group {
			return v
		}
	}
	t.Fatalf("no value %q in group %q among %v", name, group, rep.Values)
	return method.Value{}
}

func times(x []float32, c float32) []float32 {
	out := slices.Clone(x)
	for i := range out {
		out[i] *= c
	}
	return out
}
