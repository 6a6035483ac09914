package routing

import (
	"context"
	"slices"
	"strings"
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

// stream plays tasks one after the other, each with a participant that answers with random
// factors of the right shapes.
type stream struct {
	t      *testing.T
	method method.Method
	params method.Values
	store  blobs
	state  method.State
	round  int
	asked  []method.Assignment // of all plans, in order
	folds  []method.FoldResponse
}

func newStream(t *testing.T, m method.Method, set method.Values) *stream {
	params := m.Describe().Defaults()
	for k, v := range set {
		params[k] = v
	}
	return &stream{t: t, method: m, params: params, store: blobs{}}
}

const width = 6

// task plays a stage until the method has finished, and gives what answers users then.
func (s *stream) task(index int, name string) *method.Model {
	s.t.Helper()
	var deploy *method.Model
	for local := 0; ; local++ {
		if local > 10 {
			s.t.Fatalf("stage %s does not end", name)
		}
		scene := method.Scene{Params: s.params, Round: s.round, Stage: method.Stage{Name: "tasks/" + name, Index: index, Count: 9, Round: local},
			Bases: []method.Base{{Name: "main", Modules: []method.Module{{Name: "0.q", Out: width, In: width}}}}, Start: method.Model{Base: "main"}, State: s.state, Blobs: s.store, Seed: uint64(s.round)}
		out, err := s.method.Plan(context.Background(), method.PlanRequest{Scene: scene, Offered: []method.Participant{{ID: method.ID{Pool: "expert", Index: index}, Role: "expert", Examples: 10, Rank: 2}}})
		if err != nil {
			s.t.Fatal(err)
		}
		s.state, scene.State = out.State, out.State
		if out.Finished {
			return deploy
		}
		var made reports
		for _, a := range out.Assign {
			s.asked = append(s.asked, a)
			made = append(made, s.answer(a, index))
		}
		folded, err := s.method.Fold(context.Background(), method.FoldRequest{Scene: scene, Reports: made})
		if err != nil {
			s.t.Fatal(err)
		}
		s.state, s.folds = folded.State, append(s.folds, folded)
		if folded.Deploy != nil {
			deploy = folded.Deploy
		}
		s.round++
	}
}

func (s *stream) answer(a method.Assignment, index int) method.Report {
	s.t.Helper()
	r := method.Report{Name: a.Name, From: method.ID{Pool: "expert", Index: index}, Examples: 10}
	numbers := func(n int) []float32 {
		stream, x := rng.New(uint64(s.round)).At(a.Name).Stream(), make([]float32, n)
		for i := range x {
			x[i] = float32(stream.Norm())
		}
		return x
	}
	adapter := lora.Adapter{{Module: "0.q", Out: width, In: width, Rank: 2, Scale: 2, A: numbers(2 * width), B: numbers(2 * width)}}
	var name string
	var t method.Tensors
	switch x := a.Recipe.(type) {
	case method.Probe:
		name, t = method.Name(x.What[0]), method.Tensors{List: []method.Tensor{{Name: "0.q", Shape: []int{width}, Data: numbers(width)}, {Name: "count", Shape: []int{1}, Data: []float32{70}}}}
		if name == "fisher" {
			t = adapter.Tensors()
		}
	case method.Fit:
		name, t = trained, adapter.Tensors()
		if _, ok := x.Train[0].(method.Keys); ok {
			name, t = "keys", lora.Keys{{Module: "0.q", V: numbers(width)}}.Tensors()
		}
	}
	b, err := s.store.Put(t)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Made = []method.Named{{Name: name, Blob: b}}
	return r
}

// Claim D1: what was learned of a task is, by hash, the same for ever, whatever comes after,
// and nothing of a later stage looks at a past task's data or begins at a past expert.
func TestExpertsAreNeverTouchedAgain(t *testing.T) {
	for _, router := range []string{"gates", "sequence", "activation", "arrow", "uniform"} {
		s := newStream(t, Routing(), method.Values{"router": router, "top_k": 3})
		var before []method.Attach
		var over []method.Expert
		for i, name := range []string{"sea", "wood", "town", "sky"} {
			asked := len(s.asked)
			model := s.task(i, name)
			if len(model.Attach) != i+1 || model.Attach[i].Name != name || len(model.Routers) != 1 {
				t.Fatalf("%s: after task %d %+v", router, i, model)
			}
			if !slices.Equal(model.Attach[:i], before) || !slices.Equal(model.Routers[0].Over[:i], over) {
				t.Errorf("%s: task %s changed an expert of an earlier one", router, name)
			}
			before, over = model.Attach, model.Routers[0].Over
			for _, x := range append(before, method.Attach{}) {
				if x.From.Blob != "" && !slices.Contains(s.state.Holds, x.From.Blob) {
					t.Errorf("%s: the state does not hold expert %s", router, x.Name)
				}
			}
			for _, a := range s.asked[asked:] {
				fit, ok := a.Recipe.(method.Fit)
				if !ok {
					continue
				}
				for _, b := range method.BlobsIn(fit) {
					if slices.ContainsFunc(before[:i], func(x method.Attach) bool { return x.From.Blob == b }) {
						t.Errorf("%s: %s of task %s uses an earlier expert", router, a.Name, name)
					}
				}
				if len(fit.Data.From) > 0 {
					t.Errorf("%s: %s reads %v", router, a.Name, fit.Data.From)
				}
			}
			if want := min(3, i+1); router != "uniform" && model.Routers[0].TopK != want {
				t.Errorf("%s: the best %d of %d", router, model.Routers[0].TopK, i+1)
			}
		}
	}
}

// A task that comes twice is refused by name.
func TestATaskComesOnce(t *testing.T) {
	s := newStream(t, Oracle(), nil)
	s.task(0, "sea")
	scene := method.Scene{Params: s.params, Stage: method.Stage{Name: "tasks/sea", Index: 1}, Start: method.Model{Base: "main"}, State: s.state, Blobs: s.store}
	_, err := s.method.Fold(context.Background(), method.FoldRequest{Scene: scene, Reports: reports{s.answer(method.Assignment{Name: "fit", Recipe: method.Fit{Train: []method.Part{method.LoRA{}}}}, 1)}})
	if err == nil || !strings.Contains(err.Error(), `brings task "sea" again`) {
		t.Errorf("error %v", err)
	}
}

// What rivals ask of the second task is what their papers say.
func TestRivals(t *testing.T) {
	for name, x := range map[string]struct {
		method method.Method
		set    method.Values
		holds  func(first, second method.Fit, m *method.Model) bool
	}{
		"sequential goes on": {Sequential(), nil, func(a, b method.Fit, _ *method.Model) bool {
			return part(a).From.Blob == "" && part(b).From.Blob != "" && len(b.Objective) == 1
		}},
		"joint begins anew, on all that was seen": {Joint(), nil, func(_, b method.Fit, _ *method.Model) bool {
			return part(b).From.Blob == "" && b.Data.From[0].Name == "seen"
		}},
		"replay goes on, on all that is granted": {Replay(), nil, func(_, b method.Fit, _ *method.Model) bool {
			return part(b).From.Blob != "" && b.Data.From[0].Name == "seen"
		}},
		"ewc is held to where it was": {EWC(), nil, func(a, b method.Fit, _ *method.Model) bool {
			q, ok := b.Objective[1].Loss.(method.Quadratic)
			return len(a.Objective) == 1 && ok && q.Centre == part(b).From.Blob && q.Fisher != "" && b.Objective[1].Weight == 400
		}},
		"lwf is held to what it said": {LwF(), nil, func(a, b method.Fit, _ *method.Model) bool {
			d, ok := b.Objective[1].Loss.(method.Distill)
			return len(a.Objective) == 1 && ok && d.Tau == 2 && d.Teacher.Attach[0].From.Blob == part(b).From.Blob
		}},
		"o-lora stays out of the way": {OLoRA(), nil, func(a, b method.Fit, m *method.Model) bool {
			o, ok := b.Objective[1].Loss.(method.Orthogonal)
			return len(a.Objective) == 1 && ok && len(o.Against) == 1 && len(b.Model.Attach) == 1 && len(m.Attach) == 2 && part(b).From.Blob == ""
		}},
		"arithmetic averages": {Arithmetic(), nil, func(_, b method.Fit, m *method.Model) bool {
			return len(b.Model.Attach) == 0 && len(m.Attach) == 2 && m.Attach[0].Scale == 0.5
		}},
		"or adds":     {Arithmetic(), method.Values{"lambda": 0.3}, func(_, _ method.Fit, m *method.Model) bool { return m.Attach[1].Scale == 0.3 }},
		"ties is one": {TIES(), nil, func(_, _ method.Fit, m *method.Model) bool { return len(m.Attach) == 1 }},
		"dare is one": {DARE(), nil, func(_, _ method.Fit, m *method.Model) bool { return len(m.Attach) == 1 }},
		"a penalty of 0 is none": {EWC(), method.Values{"lambda": 0.0}, func(_, b method.Fit, _ *method.Model) bool {
			return len(b.Objective) == 1
		}},
	} {
		s := newStream(t, x.method, x.set)
		s.task(0, "sea")
		first := s.asked[0].Recipe.(method.Fit)
		behind := len(s.asked)
		model := s.task(1, "wood")
		if second := s.asked[behind].Recipe.(method.Fit); !x.holds(first, second, model) {
			t.Errorf("%s: %+v, then %+v; deployed %+v", name, first, second, model)
		}
	}
}

func part(f method.Fit) method.LoRA { return f.Train[0].(method.LoRA) }

// Stacked rounds are one expert in the end, at the rank of one, and what the cut lost is told.
func TestStackedRoundsAreCutOnce(t *testing.T) {
	s := newStream(t, Oracle(), method.Values{"aggregate": "stack", "rounds_each": 3})
	model := s.task(0, "sea")
	a, err := openLoRA(s.store, model.Attach[0].From.Blob)
	if err != nil || a.Rank() != 2 {
		t.Fatalf("rank %d, %v", a.Rank(), err)
	}
	for round, ask := range s.asked {
		if on := ask.Recipe.(method.Fit).Model; len(on.Attach) != round || round > 0 && !on.Attach[round-1].Merge {
			t.Errorf("round %d works on %+v", round, on)
		}
	}
	values := s.folds[2].Values
	if i := slices.IndexFunc(values, func(v method.Value) bool { return v.Name == "expert.cut" }); i < 0 || !(values[i].Value > 0 && values[i].Value < 1) {
		t.Errorf("three random changes were cut to one rank, and the loss is told as %v", values)
	}
}

// The mean activation finds experts by token or by prompt: with the same keys, and with
// nothing trained for them.
func TestActivationDecidesByTokenOrByPrompt(t *testing.T) {
	for by, grain := range map[string]method.Grain{"activation": method.Token, "activation-sequence": method.Sequence} {
		s := newStream(t, Routing(), method.Values{"router": by})
		s.task(0, "a")
		router := s.task(1, "b").Routers[0]
		if router.By != method.Standardised || router.Grain != grain || len(router.Over) != 2 || router.Over[0].Key == "" {
			t.Errorf("%s: %+v; expected standardised scores of two keys, decided by %v", by, router, grain)
		}
		if last := s.asked[len(s.asked)-1]; last.Name != "activation" {
			t.Errorf("%s: the keys come of %q; expected a look at what enters the modules", by, last.Name)
		}
	}
}

// A router that decides for more than a token stands last in a chain.
func TestRoutersThatAreNotTrainedBeside(t *testing.T) {
	for _, c := range []struct {
		m      method.Method
		router string
		last   bool
	}{
		{Routing(), "gates", false}, {Routing(), "arrow", false}, {Routing(), "uniform", false}, {Routing(), "sequence", true},
		{Routing(), "activation-sequence", true}, {Generic(), "activation", false}, {Oracle(), "", true}, {Retrieval(), "", true}, {Pooled(), "", true},
	} {
		s := method.Scene{Params: c.m.Describe().Defaults(), Followed: true}
		if c.router != "" {
			s.Params["router"] = c.router
		}
		found, err := c.m.(method.MethodWithCheck).Check(t.Context(), s)
		if err != nil || len(found) > 0 != c.last {
			t.Errorf("%s by %q: %v, %v", c.m.Describe().Name, c.router, found, err)
		}
		if s.Followed = false; len(found) > 0 {
			if found, _ := c.m.(method.MethodWithCheck).Check(t.Context(), s); len(found) > 0 {
				t.Errorf("%s by %q, last: %v", c.m.Describe().Name, c.router, found)
			}
		}
	}
}
