package methodtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// sinner is the honest method, led astray in one place.
type sinner struct {
	honest
	card func(*method.Card)
	plan func(*method.PlanResponse, method.PlanRequest)
	fold func(*method.FoldResponse, method.FoldRequest)
	fail func(method.FoldRequest) error
}

func (s sinner) Describe() method.Card {
	c := s.honest.Describe()
	if s.card != nil {
		s.card(&c)
	}
	return c
}

func (s sinner) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	out, err := s.honest.Plan(ctx, r)
	if err == nil && s.plan != nil {
		s.plan(&out, r)
	}
	return out, err
}

func (s sinner) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	if s.fail != nil {
		if err := s.fail(r); err != nil {
			return method.FoldResponse{}, err
		}
	}
	out, err := s.honest.Fold(ctx, r)
	if err == nil && s.fold != nil {
		s.fold(&out, r)
	}
	return out, err
}

// change alters the fit of a plan.
func change(f func(*method.Fit, method.PlanRequest)) func(*method.PlanResponse, method.PlanRequest) {
	return func(p *method.PlanResponse, r method.PlanRequest) {
		fit := p.Assign[0].Recipe.(method.Fit)
		f(&fit, r)
		p.Assign[0].Recipe = fit
	}
}

func open(r method.FoldRequest, b method.Blob) method.Tensors {
	t, err := r.Blobs.Open(b)
	if err != nil {
		panic(err)
	}
	return t
}

func first(r method.FoldRequest) method.Report {
	for x := range r.Reports.All() {
		return x
	}
	panic("no report")
}

// sinners are methods that break one rule each; some rules have several ways to be
// broken. Each is opened anew where the exam opens it anew.
var sinners = []struct {
	rule, says string
	open       func() method.Method
}{
	{"card", "lower-case", func() method.Method { return sinner{card: func(c *method.Card) { c.Name = "My Method" }} }},
	{"card", "is expected", func() method.Method { return sinner{card: func(c *method.Card) { c.Params[0].Default = 11.0 }} }},
	{"card", "differs", func() method.Method {
		n := 0
		return sinner{card: func(c *method.Card) { n++; c.Title = fmt.Sprint(n) }}
	}},
	{"plays", "asked of client/0 twice", func() method.Method {
		return sinner{plan: func(p *method.PlanResponse, _ method.PlanRequest) { p.Assign = append(p.Assign, p.Assign[0]) }}
	}},
	{"plays", "stand still", func() method.Method {
		return sinner{plan: func(p *method.PlanResponse, _ method.PlanRequest) { p.Assign = nil }}
	}},
	{"plays", "pointer", func() method.Method {
		return sinner{plan: func(p *method.PlanResponse, _ method.PlanRequest) {
			f := p.Assign[0].Recipe.(method.Fit)
			p.Assign[0].Recipe = &f
		}}
	}},
	{"plays", "there is no blob", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) { f.State.Holds = append(f.State.Holds, "made-up") }}
	}},
	{"plays", "panicked", func() method.Method {
		return sinner{plan: func(_ *method.PlanResponse, r method.PlanRequest) { r.Params.Int("not-on-the-card") }}
	}},
	{"plays", "256 are allowed", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) {
			f.Notes = []method.Note{{Text: make([]byte, 300)}}
		}}
	}},
	{"chain", "take Scene.Inits", func() method.Method {
		return sinner{plan: change(func(f *method.Fit, _ method.PlanRequest) {
			part := f.Train[0].(method.LoRA)
			part.Init = nil
			f.Train = []method.Part{part}
		})}
	}},
	{"same-bits", "in two ways", func() method.Method {
		n := 0
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) {
			n++
			f.Values = []method.Value{{Name: "calls", Value: float64(n)}}
		}}
	}},
	{"restart", "differs", func() method.Method { // remembers the number of its plan
		plans := 0
		return sinner{plan: func(_ *method.PlanResponse, r method.PlanRequest) { plans = 1 + r.Round },
			fold: func(f *method.FoldResponse, r method.FoldRequest) { f.Flops = float64(plans) }}
	}},
	{"interleaved", "differs", func() method.Method { // remembers the cohort from plan to fold
		offered := 0
		return sinner{plan: func(_ *method.PlanResponse, r method.PlanRequest) { offered = len(r.Offered) },
			fold: func(f *method.FoldResponse, _ method.FoldRequest) { f.Flops = float64(offered) }}
	}},
	{"input", "wrote to its request", func() method.Method {
		return sinner{plan: func(_ *method.PlanResponse, r method.PlanRequest) { r.Offered[0].Examples = 99 }}
	}},
	{"input", "behind the ends", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, r method.FoldRequest) {
			f.State.Holds = append(r.State.Holds, f.State.Holds[len(r.State.Holds):]...)
		}}
	}},
	{"input", "were written to", func() method.Method {
		return sinner{fold: func(_ *method.FoldResponse, r method.FoldRequest) {
			open(r, first(r).Made[0].Blob).List[0].Data[0] = 7
		}}
	}},
	{"borrowed", "differs", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, r method.FoldRequest) {
			var kept method.Tensors
			for x := range r.Reports.All() {
				kept = open(r, x.Made[0].Blob)
			}
			f.Values = []method.Value{{Name: "last", Value: float64(kept.List[0].Data[0])}}
		}}
	}},
	{"any-subset", "011", func() method.Method {
		return sinner{fail: func(r method.FoldRequest) error {
			if r.Reports.Len() == 2 && r.Round == 1 && first(r).From.Index == 0 {
				return fmt.Errorf("I wait for the others")
			}
			return nil
		}}
	}},
	{"one-participant", "away from", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) {
			f.Deploy.Attach[len(f.Deploy.Attach)-1].Scale = 0.5
		}}
	}},
	{"small-state", "65536 are allowed", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, r method.FoldRequest) {
			f.State.Bytes = append(r.State.Bytes[:len(r.State.Bytes):len(r.State.Bytes)], make([]byte, 8*r.Reports.Len())...)
		}}
	}},
	{"stale", "too old", func() method.Method {
		return sinner{fail: func(r method.FoldRequest) error {
			for x := range r.Reports.All() {
				if x.Age >= 5 {
					return fmt.Errorf("too old")
				}
			}
			return nil
		}}
	}},
	{"deploy", "nothing is deployed", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) { f.Deploy = nil }}
	}},
	{"deploy", "no module of the base", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, r method.FoldRequest) {
			b, err := r.Blobs.Put(method.Tensors{Meta: map[string]string{"kind": "adapter", "scale": "1"}, List: []method.Tensor{
				{Name: "0.q.D", Shape: []int{1, 1}, Data: []float32{1}}}})
			if err != nil {
				panic(err)
			}
			f.Deploy.Attach = append(f.Deploy.Attach, method.Attach{Name: "odd", From: method.From{Blob: b}, Scale: 1})
		}}
	}},
	{"does-nothing", "clip", func() method.Method {
		return sinner{plan: change(func(f *method.Fit, r method.PlanRequest) {
			if f.Clip == 0 {
				f.Objective = append(f.Objective[:1:1], method.Times(0.1, method.Tail{Of: "lora", Gamma: 0.5}))
			}
		})}
	}},
	{"does-nothing", "warmup", func() method.Method {
		return sinner{plan: change(func(f *method.Fit, r method.PlanRequest) { f.Pile = 1 + int(math.Ceil(r.Params.Float("warmup"))) })}
	}},
	{"does-nothing", "a list", func() method.Method {
		return sinner{card: func(c *method.Card) {
			c.Params = append(c.Params, method.Param{Name: "list", Kind: method.Floats, Default: []float64{}, Doc: "none does nothing"})
		}}
	}},
	{"grants", "data-of-past-stages", func() method.Method {
		return sinner{plan: change(func(f *method.Fit, _ method.PlanRequest) { f.Data.From = []method.Source{{Name: "seen"}} })}
	}},
	{"grants", "groups-in-training", func() method.Method {
		return sinner{plan: change(func(f *method.Fit, _ method.PlanRequest) {
			f.Data.Where = []method.Cond{{Column: "s", Is: "=", Value: 1}}
		})}
	}},
	{"grants", "examples-may-leave", func() method.Method {
		return sinner{plan: func(p *method.PlanResponse, r method.PlanRequest) {
			change(func(f *method.Fit, _ method.PlanRequest) { f.Data.From = []method.Source{{Name: "train"}} })(p, r)
			p.Assign[0].Upload = []string{"lora", "train"}
		}}
	}},
	{"grants", "groups-at-test", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) {
			f.Deploy.Attach[0].Gate = method.Switch{Column: "s"}
		}}
	}},
	{"grants", "task-at-test", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) {
			f.Deploy.Routers = []method.Router{{By: method.ByColumn, Grain: method.Sequence, Mix: method.Outputs, Column: "task"}}
		}}
	}},
	{"says", `trains an adapter "lora"`, func() method.Method {
		return sinner{card: func(c *method.Card) { c.Trains = []string{"own"} }}
	}},
	{"says", "the weights themselves", func() method.Method {
		return sinner{plan: change(func(f *method.Fit, _ method.PlanRequest) { f.Train = append(f.Train, method.Weights{Name: "weights"}) })}
	}},
	{"says", "a router is deployed", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) {
			f.Deploy.Routers = []method.Router{{By: method.Uniform, Grain: method.Token, Mix: method.Outputs}}
		}}
	}},
	{"says", "answered with what it keeps", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) {
			f.Deploy.Attach = append(f.Deploy.Attach, method.Attach{Name: "lora", From: method.From{Kept: true}, Scale: 1})
		}}
	}},
	{"says", "says Moves: true", func() method.Method {
		return sinner{card: func(c *method.Card) { c.Moves = true }}
	}},
	{"says", "is left: true", func() method.Method {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) {
			f.Init = []method.InitAt{{Modules: "*", Init: method.Spectral{Pick: "minor"}}}
		}}
	}},
	{"says", "does not say Still", func() method.Method {
		return sinner{fail: func(r method.FoldRequest) error {
			if len(r.Init) > 0 {
				return errors.New("not so")
			}
			return nil
		}}
	}},
	{"check", "finds fault", func() method.Method {
		return checking{check: func(method.Scene) []method.Problem {
			return []method.Problem{{Path: "params", Text: "I do not like it"}}
		}}
	}},
	{"check", "panicked", func() method.Method {
		return checking{check: func(s method.Scene) []method.Problem { _ = s.Bases[0]; return nil }}
	}},
	{"check", "a path and a text", func() method.Method {
		return checking{check: func(s method.Scene) []method.Problem { return make([]method.Problem, 1-len(s.Bases)) }}
	}},
}

type checking struct {
	honest
	check func(method.Scene) []method.Problem
}

func (c checking) Check(_ context.Context, s method.Scene) ([]method.Problem, error) {
	return c.check(s), nil
}

// only leaves out the rules that are not asked about.
func only(rule string) Option {
	return func(e *exam) {
		for _, r := range Rules() {
			e.excused[r.Name] = !r.first && r.Name != rule
		}
	}
}

func TestEveryRuleCatchesItsSinner(t *testing.T) {
	caught := map[string]bool{"elsewhere": true} // has a test of its own
	for _, s := range sinners {
		t.Run(s.rule+"/"+s.says, func(t *testing.T) {
			open := func() (method.Method, error) { return s.open(), nil }
			for _, f := range Run(t.Context(), open, only(s.rule)) {
				if f.Rule == s.rule && strings.Contains(f.Text, s.says) {
					caught[s.rule] = true
					return
				}
				t.Log(f)
			}
			t.Errorf("rule %s did not catch it", s.rule)
		})
	}
	for _, r := range Rules() {
		if !caught[r.Name] {
			t.Errorf("rule %s has no sinner here", r.Name)
		}
	}
}

func TestElsewhereCatchesADifference(t *testing.T) {
	other := func() (method.Method, error) {
		return sinner{fold: func(f *method.FoldResponse, _ method.FoldRequest) { f.Flops = 1 }}, nil
	}
	for _, f := range Run(t.Context(), always(honest{}), Elsewhere(other)) {
		if f.Rule == "elsewhere" && strings.Contains(f.Text, "differs") {
			return
		}
	}
	t.Error("not caught")
}
