package coordinator

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// Every plan that this version does not carry out is refused by name, before any of it is
// done or written.
func TestPlansThatAreRefused(t *testing.T) {
	assign := func(f func(*method.Assignment)) func(*trial, *method.PlanResponse) {
		return func(_ *trial, r *method.PlanResponse) { f(&r.Assign[0]) }
	}
	model := func(f func(*trial, *method.Model)) func(*trial, *method.PlanResponse) {
		return func(x *trial, r *method.PlanResponse) {
			fit := r.Assign[0].Recipe.(method.Fit)
			fit.Model = with(fit.Model, false, must(x.store.Put(random(1, 1).Tensors())))
			f(x, &fit.Model)
			r.Assign[0].Recipe = fit
		}
	}
	attach := func(f func(*trial, *method.Attach)) func(*trial, *method.PlanResponse) {
		return model(func(x *trial, m *method.Model) { f(x, &m.Attach[0]) })
	}
	deploy := func(f func(*trial, *method.Attach)) func(*trial, *method.PlanResponse) {
		return func(x *trial, r *method.PlanResponse) {
			m := with(method.Model{Base: "main"}, false, must(x.store.Put(random(1, 1).Tensors())))
			f(x, &m.Attach[0])
			r.Deploy = &m
		}
	}
	for _, c := range []struct {
		says   string
		change func(*trial, *method.PlanResponse)
	}{
		{"it is addressed to client/1, who is not offered in this round", assign(func(a *method.Assignment) { a.To = []method.ID{{Pool: "client", Index: 1}} })},
		{"says that it is finished: finish in the plan after", func(_ *trial, r *method.PlanResponse) { r.Finished = true }},
		{"nothing is asked, nothing is out and the stage is not finished", func(_ *trial, r *method.PlanResponse) { r.Assign = nil }},
		{`assignment "fit": the method's answer cannot be carried out: the trainer knows no fit`, nil},
		{"the trainer knows no probe", assign(func(a *method.Assignment) {
			a.Recipe = method.Probe{Model: method.Model{Base: "main"}, What: []method.Statistic{method.Routing{}}}
		})},
		{`the gate of attachment "a": lora: these tensors are of kind "adapter"`, attach(func(x *trial, a *method.Attach) {
			a.Gate = method.Sigmoid{Key: must(x.store.Put(random(1, 1).Tensors()))}
		})},
		{`attachment "a" has a gate (switch)`, attach(func(_ *trial, a *method.Attach) { a.Gate = method.Switch{} })},
		{`attachment "a": it is no adapter`, attach(func(x *trial, a *method.Attach) {
			a.From.Blob = must(x.store.Put(method.Tensors{List: []method.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{1}}}}))
		})},
		{`attachment "a": base "main" has no module "9.q"`, attach(func(x *trial, a *method.Attach) {
			other := random(2, 1)
			other[0].Module = "9.q"
			a.From.Blob = must(x.store.Put(other.Tensors()))
		})},
		{`expert 0 of router 0: base "main" has no module 9.q`, model(func(x *trial, m *method.Model) {
			key := must(x.store.Put(lora.Keys{{Module: "9.q", V: []float32{1}}}.Tensors()))
			m.Routers = []method.Router{{By: method.Absolute, Grain: method.Token, Mix: method.Outputs, Over: []method.Expert{{Key: key}}}}
		})},
		{"it has a prompt of its own", model(func(_ *trial, m *method.Model) { m.Prompt.Join = true })},
		{"it says how to decode", model(func(_ *trial, m *method.Model) { m.Decode.Tokens = 8 })},
		{`assignment "fit": the method's answer cannot be carried out: its base is the blob `, func(x *trial, r *method.PlanResponse) {
			model := method.Model{Base: string(must(x.store.Put(random(1, 1).Tensors())))}
			r.Assign[0].Recipe = method.Sample{Model: model, Data: method.Data{Draw: method.Reservoir}, Count: 1, Into: "memory", Logits: true}
		}},
		{"the trainer knows no sample", assign(func(a *method.Assignment) { a.Recipe = method.Sample{Into: "set"} })},
		{"its base is the blob ", model(func(x *trial, m *method.Model) { m.Base = string(must(x.store.Put(random(1, 1).Tensors()))) })},
		{"in this version one model is deployed for all", deploy(func(_ *trial, a *method.Attach) { a.Rank = method.OwnRank })},
	} {
		s := averager(1)
		x := one(2, 1, s)
		x.world.offer = func(string, int) []int { return []int{0} }
		x.fixed.Carries = func(a method.Assignment) error {
			if strings.Contains(c.says, "trainer") {
				return errors.New("the trainer knows no " + method.Name(a.Recipe))
			}
			return nil
		}
		x.methods[0].plan = func(r method.PlanRequest) method.PlanResponse {
			out := s.plan(r)
			if c.change != nil {
				c.change(x, &out)
			}
			return out
		}
		err := x.run()
		if !errors.Is(err, ErrMethod) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), `round 0, plan of method "first":`) {
			t.Errorf("%s\ngot %v", c.says, err)
		}
		if x.story(t) != "trial" || len(x.leases) != 0 {
			t.Errorf("%s: %s was written, %d leases were out", c.says, x.story(t), len(x.leases))
		}
	}
}

func TestFoldsThatAreRefused(t *testing.T) {
	for says, change := range map[string]func(*trial, *method.FoldResponse){
		"state.bytes: 65537 bytes":                                func(_ *trial, r *method.FoldResponse) { r.State.Bytes = make([]byte, 65537) },
		`value "a" has weight NaN; a finite number of at least 0`: func(_ *trial, r *method.FoldResponse) { r.Values = []method.Value{{Name: "a", Weight: math.NaN()}} },
		`value "a" has weight +Inf`:                               func(_ *trial, r *method.FoldResponse) { r.Values = []method.Value{{Name: "a", Weight: math.Inf(1)}} },
		"it notes something about client/2, and there is no such": func(_ *trial, r *method.FoldResponse) {
			r.Notes = []method.Note{{About: method.ID{Pool: "client", Index: 2}}}
		},
		"it notes something about nobody/0": func(_ *trial, r *method.FoldResponse) { r.Notes = []method.Note{{About: method.ID{Pool: "nobody"}}} },
		`it exports "best"; exports of a method are not carried out`: func(x *trial, r *method.FoldResponse) {
			r.Exports = []method.Named{{Name: "best", Blob: r.State.Holds[0]}}
		},
		`deploy: the method's answer cannot be carried out: attachment`: func(_ *trial, r *method.FoldResponse) { r.Deploy.Attach[0].Gate = method.Switch{} },
		"in this version one model is deployed for all":                 func(_ *trial, r *method.FoldResponse) { r.Deploy.Attach[0].Rank = method.OwnRank },
		`module 0.v is 8×16 in the adapter and 8×4 in base "narrow"`:    func(_ *trial, r *method.FoldResponse) { r.Deploy.Base = "narrow" },
	} {
		s := averager(1)
		x := one(2, 1, s)
		x.fixed.Bases = append(x.fixed.Bases, method.Base{Name: "narrow", Modules: []method.Module{modules[0], {Name: "0.v", Out: 8, In: 4}}})
		x.methods[0].fold = func(r method.FoldRequest) method.FoldResponse {
			out := s.fold(r)
			change(x, &out)
			return out
		}
		err := x.run()
		if !errors.Is(err, ErrMethod) || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), `round 0, fold of method "first":`) {
			t.Errorf("%s\ngot %v", says, err)
		}
		if got := x.story(t); got != "trial plan(train first) report report" {
			t.Errorf("%s: written is %s", says, got)
		}
	}
}

// What is wrong with the trial itself, and no method's fault.
func TestTrialsThatCannotBe(t *testing.T) {
	for says, change := range map[string]func(*trial){
		`method "first" works with the role "client", and no pool is called "client": add the pool to ` + "`population`, or map it by `roles: {client: POOL}`": func(x *trial) {
			x.fixed.Pools = []Pool{{Name: "phones"}}
		},
		`no pool is called "phones"`:                                                   func(x *trial) { x.fixed.Members[0].Roles = map[method.Role]string{"client": "phones"} },
		`a pool is called "evaluation"`:                                                func(x *trial) { x.fixed.Pools = append(x.fixed.Pools, Pool{Name: EvaluationPool}) },
		"round 0: nobody could be offered to method \"first\"":                         func(x *trial) { x.world.examples = func(method.ID) int { return 0 } },
		"there are no examples for the evaluations that are due at \"end\"":            func(x *trial) { x.fixed.Asks, x.world.chunks = []Ask{{At: "end"}}, []int{0} },
		`trains "lora" at the participant's own rank, and its pool has no ` + "`rank`": func(x *trial) { x.methods[0] = stacker() },
	} {
		x := one(1, 1, averager(1))
		change(x)
		err := x.run()
		if err == nil || errors.Is(err, ErrMethod) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s\ngot %v", says, err)
		}
		if strings.Contains(x.book.String(), `"end"`) {
			t.Errorf("%s: the book has an end: %s", says, x.book.String())
		}
	}
}
