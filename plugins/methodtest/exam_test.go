package methodtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

func TestMain(m *testing.M) { Main(m, []method.Method{honest{}}) }

// honest is a small method that passes: it stacks what comes, and merges the stacks.
type honest struct{}

func (honest) Describe() method.Card {
	return method.Card{
		Name: "honest", Title: "Passes the exam", Roles: []method.Role{"client"}, Stale: true, Trains: []string{"lora"},
		Params: []method.Param{
			{Name: "clip", Kind: method.Float, Default: 1.0, Max: 10, Doc: "norm of a gradient; 0 does nothing"},
			{Name: "warmup", Kind: method.Float, Default: 0.0, Max: 1, Doc: "share of updates; 0 does nothing"},
			{Name: "schedule", Kind: method.Text, Default: "linear", OneOf: []string{"constant", "linear"}, Doc: "constant does nothing"},
			{Name: "trace", Kind: method.Int, Default: 0, Max: 100, Doc: "updates between reports; 0 does nothing"},
			{Name: "resume", Kind: method.Flag, Default: false, Doc: "goes on with the kept optimiser; false does nothing"},
		},
	}
}

func (honest) model(r method.Scene, s method.State) method.Model {
	m := r.Start
	m.Attach = slices.Clone(m.Attach)
	for _, b := range s.Holds {
		m.Attach = append(m.Attach, method.Attach{Name: fmt.Sprint("stack.", len(m.Attach)), From: method.From{Blob: b}, Merge: true, Scale: 1})
	}
	return m
}

func (h honest) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	fit := method.Fit{
		Model: h.model(r.Scene, r.State), Objective: method.CE, Epochs: 1, Batch: 8,
		Train:     []method.Part{method.LoRA{Name: "lora", Modules: []string{"*.q", "*.v"}, Rank: method.OwnRank, Scale: 2, Init: r.Inits()}},
		Optimiser: method.Optimiser{LR: 1e-3}, Schedule: method.Schedule{Name: r.Params.Text("schedule"), Warmup: r.Params.Float("warmup")},
		Clip: r.Params.Float("clip"), Trace: r.Params.Int("trace"), Resume: r.Params.Flag("resume"),
	}
	return method.PlanResponse{State: r.State, Assign: []method.Assignment{{Name: "fit", Recipe: fit}}}, nil
}

func (h honest) Fold(_ context.Context, r method.FoldRequest) (out method.FoldResponse, err error) {
	n, err := method.Examples(r.Reports)
	if err != nil {
		return out, err
	}
	var stack lora.Stack
	for rep, err := range r.Reports.All() {
		if err != nil {
			return out, err
		}
		t, err := r.Blobs.Open(rep.Blob("lora"))
		if err != nil {
			return out, err
		}
		if err := stack.Add(float64(rep.Examples)/n, t); err != nil {
			return out, err
		}
	}
	b, err := r.Blobs.Put(stack.Tensors())
	if err != nil {
		return out, err
	}
	out.State = r.State.Hold(b)
	m := h.model(r.Scene, out.State)
	out.Deploy = &m
	return out, nil
}

func TestHonestMethodsPass(t *testing.T) { Exam(t, honest{}) }

func TestRunIsTheSameWithoutTesting(t *testing.T) {
	if f := Run(t.Context(), always(honest{})); len(f) != 0 {
		t.Errorf("failures: %v", f)
	}
}

func TestRulesHaveNamesAndTexts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.Name] || !strings.HasSuffix(r.Text, ".") {
			t.Errorf("rule %q: %q", r.Name, r.Text)
		}
		seen[r.Name] = true
	}
}

func TestExceptNeedsARuleAndAReason(t *testing.T) {
	for _, x := range [][2]string{{"no-such-rule", "why"}, {"stale", ""}} {
		if guard(func() error { Except(x[0], x[1]); return nil }) == nil {
			t.Errorf("Except(%q, %q) was taken", x[0], x[1])
		}
	}
	f := Run(t.Context(), always(sinner{plan: func(p *method.PlanResponse, _ method.PlanRequest) { p.Assign[0].Recipe = nil }}),
		Except("plays", "a test"), Except("same-bits", "a test"))
	for _, x := range f {
		if x.Rule == "plays" || x.Rule == "same-bits" {
			t.Errorf("excused, and yet %v", x)
		}
	}
}

func TestWith(t *testing.T) {
	if f := Run(t.Context(), always(honest{}), With("clip", 5.0)); len(f) != 0 {
		t.Errorf("failures: %v", f)
	}
	for _, o := range []Option{With("clip", 11.0), With("clip", "high"), With("none", 1)} {
		if f := Run(t.Context(), always(honest{}), o); len(f) != 1 || f[0].Rule != "card" {
			t.Errorf("failures: %v", f)
		}
	}
}
