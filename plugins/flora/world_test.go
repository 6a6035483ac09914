package flora

import (
	"context"
	"fmt"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodtest"
)

type (
	blobs   = methodtest.Blobs
	reports = method.ReportList
)

// adapterIn is the adapter of that name in a store.
func adapterIn(t *testing.T, b blobs, name method.Blob) lora.Adapter {
	t.Helper()
	x, err := b.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	a, err := lora.Parse(x)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// world is one trial of one method, as far as a method can tell.
type world struct {
	t     *testing.T
	m     method.Method
	with  method.Values
	store blobs
	state method.State
	round int
}

func newWorld(t *testing.T, m method.Method) *world {
	t.Helper()
	return &world{t: t, m: m, with: m.Describe().Defaults(), store: blobs{}}
}

var modules = []method.Module{{Name: "0.q", Out: 24, In: 20}, {Name: "0.v", Out: 10, In: 20}, {Name: "0.up", Out: 40, In: 20}, {Name: "0.o", Out: 24, In: 24}, {Name: "1.o", Out: 24, In: 24}, {Name: "1.q", Out: 24, In: 20}}

func (w *world) scene() method.Scene {
	return method.Scene{Params: w.with, Round: w.round, Bases: []method.Base{{Name: "main", Width: 20, Blocks: 2, Modules: modules}},
		Start: method.Model{Base: "main"}, Stage: method.Stage{Name: "train", Count: 1, Round: w.round, Rounds: 10}, State: w.state, Blobs: w.store}
}

func offered(ranks ...int) (out []method.Participant) {
	for i, r := range ranks {
		out = append(out, method.Participant{ID: method.ID{Pool: "client", Index: i}, Role: "client", Examples: 10, Rank: r})
	}
	return out
}

// plan asks the method what to do, and holds its answer against the rules of the seam.
func (w *world) plan(ranks ...int) (method.Fit, error) {
	w.t.Helper()
	req := method.PlanRequest{Scene: w.scene(), Pools: []method.Pool{{Role: "client", Size: 100}}, Offered: offered(ranks...)}
	out, err := w.m.Plan(context.Background(), req)
	if err != nil {
		return method.Fit{}, err
	}
	if err := method.ValidatePlan(req, out, w.store.Has); err != nil {
		w.t.Fatal(err)
	}
	if len(out.Assign) != 1 || out.Finished || out.Deploy != nil {
		w.t.Fatalf("planned %+v, expected one assignment", out)
	}
	w.state = out.State
	return out.Assign[0].Recipe.(method.Fit), nil
}

// fold tells the method what clients made; adapter k has examples[k] behind it.
func (w *world) fold(examples []int, adapters ...lora.Adapter) (method.FoldResponse, error) {
	w.t.Helper()
	req := method.FoldRequest{Scene: w.scene(), Reports: w.reports(examples, adapters...)}
	out, err := w.m.Fold(context.Background(), req)
	if err != nil {
		return out, err
	}
	if err := method.ValidateFold(req, out, w.store.Has); err != nil {
		w.t.Fatal(err)
	}
	w.state = out.State
	w.round++
	return out, nil
}

func (w *world) mustFold(examples []int, adapters ...lora.Adapter) method.FoldResponse {
	w.t.Helper()
	out, err := w.fold(examples, adapters...)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) reports(examples []int, adapters ...lora.Adapter) (out reports) {
	w.t.Helper()
	for k, a := range adapters {
		b, err := w.store.Put(a.Tensors())
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, method.Report{Round: w.round, Name: "fit", From: method.ID{Pool: "client", Index: k},
			Examples: examples[k], Share: 1, Made: []method.Named{{Name: "lora", Blob: b}}})
	}
	return out
}

// gap is the aggregation error of what was deployed, over clients that began from
// nothing and a server that had deployed nothing.
func (w *world) gap(deployed *method.Model, shares []float64, adapters ...lora.Adapter) lora.Gap {
	w.t.Helper()
	var m lora.GapMeter
	for _, x := range deployed.Attach {
		m.Deployed(x.Scale, adapterIn(w.t, w.store, x.From.Blob))
	}
	for k, a := range adapters {
		m.Made(shares[k], a)
	}
	return m.Gap()
}

// trained is an adapter over q and v as if trained: A uniform, drawn by a (equal for equal
// a), B normal.
func trained(a, b string, rank int, scale float64) (out lora.Adapter) {
	for _, m := range modules[:2] {
		p := lora.Fresh(rng.New(1).At(a), lora.Module{Name: m.Name, Out: m.Out, In: m.In}, rank, scale, lora.Kaiming{})
		s := rng.New(2).At(b, m.Name).Stream()
		for i := range p.B {
			p.B[i] = float32(s.Norm())
		}
		out = append(out, p)
	}
	return out
}

// client is trained with an A of its own.
func client(k, rank int, scale float64) lora.Adapter {
	name := fmt.Sprint("client ", k)
	return trained(name, name, rank, scale)
}
