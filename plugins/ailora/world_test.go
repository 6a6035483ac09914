package ailora

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodtest"
)

type (
	blobs   = methodtest.Blobs
	reports = method.ReportList
)

// world is what a member sees of a trial over a small base.
type world struct {
	t     *testing.T
	model *nn.Model
	scene method.Scene
	store blobs
}

func newWorld(t *testing.T, m method.Method, set method.Values) *world {
	t.Helper()
	c, err := nn.Design("llama", nn.Shape{Vocab: 16, Width: 12, Inner: 20, Layers: 1, Heads: 2, KVHeads: 1, Context: 16, Tied: true})
	if err != nil {
		t.Fatal(err)
	}
	model, err := nn.New(c, 1, rng.New(3).Stream())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, model: model, store: blobs{}}
	tensors := model.Tensors()
	tensors.Meta = map[string]string{"config": string(c.JSON())}
	base := method.Base{Name: "main", Blob: w.put(tensors), Width: 12, Blocks: 1}
	for _, x := range model.Modules() {
		if strings.HasPrefix(x.Name, "0.") {
			base.Modules = append(base.Modules, method.Module{Name: x.Name, Out: x.Out, In: x.In})
		}
	}
	params := m.Describe().Defaults()
	for name, x := range set {
		params[name] = x
	}
	w.scene = method.Scene{Params: params, Bases: []method.Base{base}, Start: method.Model{Base: "main"}, Blobs: w.store, Stage: method.Stage{Rounds: 3}}
	return w
}

func (w *world) put(t method.Tensors) method.Blob {
	w.t.Helper()
	b, err := w.store.Put(t)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// weight is that of a module of the base.
func (w *world) weight(module string) linalg.Dense {
	w.t.Helper()
	data, err := w.model.Weight(module)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range w.model.Modules() {
		if m.Name == module {
			return linalg.Widen(m.Out, m.In, data)
		}
	}
	w.t.Fatalf("no module %s", module)
	return linalg.Dense{}
}

// statistic is one tensor a module, measured on so many things.
func (w *world) statistic(count float32, of map[string]linalg.Dense) method.Blob {
	w.t.Helper()
	t := method.Tensors{Meta: map[string]string{"kind": "statistic"}}
	for _, module := range []string{"0.q", "0.v"} {
		x := of[module]
		t.List = append(t.List, method.Tensor{Name: module, Shape: []int{x.Rows, x.Cols}, Data: x.Narrow()})
	}
	t.List = append(t.List, method.Tensor{Name: "count", Shape: []int{1}, Data: []float32{count}})
	return w.put(t)
}

// fold has a member make a start of reports, and gives the adapter that it left.
func (w *world) fold(m method.Method, r ...method.Report) (method.FoldResponse, lora.Adapter) {
	w.t.Helper()
	out, err := m.Fold(w.t.Context(), method.FoldRequest{Scene: w.scene, Reports: reports(r)})
	if err != nil {
		w.t.Fatal(err)
	}
	x, err := w.store.Open(out.Init[0].Init.(method.Given).Blob)
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := lora.Parse(x)
	if err != nil {
		w.t.Fatal(err)
	}
	return out, a
}

func normal(key rng.Key, rows, cols int) linalg.Dense {
	x, s := linalg.NewDense(rows, cols), key.Stream()
	for i := range x.Data {
		x.Data[i] = s.Norm()
	}
	return x
}

// near compares what went through float32.
func near(t *testing.T, what string, got, want linalg.Dense) {
	t.Helper()
	gap := got.Scaled(1)
	gap.Add(-1, want)
	if d := linalg.Norm(gap.Data); !(d < 2e-4*linalg.Norm(want.Data)) {
		t.Errorf("%s is %g away from what was expected, of size %g", what, d, linalg.Norm(want.Data))
	}
}
