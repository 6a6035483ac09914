package method

import (
	"math"
	"strings"
	"testing"
)

// example is a request with one base and two participants, and an answer that is right.
func example() (PlanRequest, PlanResponse) {
	r := PlanRequest{
		Scene:   Scene{Bases: []Base{{Name: "main"}}, Start: Model{Base: "main"}},
		Pools:   []Pool{{Role: "client", Size: 100}},
		Offered: []Participant{{ID: ID{"phones", 0}, Role: "client"}, {ID: ID{"phones", 7}, Role: "client"}},
	}
	fit := Fit{
		Model: Model{Base: "main", Attach: []Attach{{Name: "old", From: From{Blob: "b"}, Scale: 1}}},
		Train: []Part{LoRA{Name: "lora", Modules: []string{"*"}, Rank: OwnRank, Scale: 2}}, Objective: CE, Epochs: 1,
	}
	return r, PlanResponse{Assign: []Assignment{{Name: "fit", Recipe: fit}}}
}

func has(b Blob) bool { return b == "b" }

func TestValidatePlan(t *testing.T) {
	fit := func(f func(*Fit)) func(*PlanRequest, *PlanResponse) {
		return func(_ *PlanRequest, p *PlanResponse) {
			x := p.Assign[0].Recipe.(Fit)
			f(&x)
			p.Assign[0].Recipe = x
		}
	}
	lora := func(f func(*LoRA)) func(*PlanRequest, *PlanResponse) {
		return fit(func(x *Fit) {
			l := x.Train[0].(LoRA)
			f(&l)
			x.Train = []Part{l}
		})
	}
	recipe := func(r Recipe) func(*PlanRequest, *PlanResponse) {
		return func(_ *PlanRequest, p *PlanResponse) { p.Assign[0].Recipe = r }
	}
	main := Model{Base: "main"}
	for says, change := range map[string]func(*PlanRequest, *PlanResponse){
		"":                                  func(*PlanRequest, *PlanResponse) {},
		"assign: nothing is asked":          func(_ *PlanRequest, p *PlanResponse) { p.Assign = nil },
		`assign[0].name: a name is missing`: func(_ *PlanRequest, p *PlanResponse) { p.Assign[0].Name = "" },
		`assign[1].name: "fit" is asked of phones/0 twice`:    func(_ *PlanRequest, p *PlanResponse) { p.Assign = append(p.Assign, p.Assign[0]) },
		"assign[0].to[0]: there is no participant phones/100": func(_ *PlanRequest, p *PlanResponse) { p.Assign[0].To = []ID{{"phones", 100}} },
		"there is no participant gone/0":                      func(_ *PlanRequest, p *PlanResponse) { p.Assign[0].To = []ID{{"gone", 0}} },
		"there is no participant client/-1":                   func(_ *PlanRequest, p *PlanResponse) { p.Assign[0].To = []ID{{"client", -1}} },
		"assign[0].recipe: a recipe is missing":               recipe(nil),
		"recipe: a pointer to fit":                            recipe(&Fit{}),
		"state.bytes: 65537 bytes":                            func(_ *PlanRequest, p *PlanResponse) { p.State.Bytes = make([]byte, 65537) },
		`blobs: there is no blob "x"`:                         func(_ *PlanRequest, p *PlanResponse) { p.State.Holds = []Blob{"b", "x"} },
		`deploy.base: "other" is neither`:                     func(_ *PlanRequest, p *PlanResponse) { p.Deploy = &Model{Base: "other"} },
		`assign[0].upload[0]: "\xff" is not UTF-8`:            func(_ *PlanRequest, p *PlanResponse) { p.Assign[0].Upload = []string{"\xff"} },
		`assign[0].upload[2]: "lora" is named twice`:          func(_ *PlanRequest, p *PlanResponse) { p.Assign[0].Upload = []string{"lora", "lora.A", "lora"} },
		"fit.optimiser.lr: NaN is no finite number":           fit(func(f *Fit) { f.Optimiser.LR = math.NaN() }),
		"fit.train: nothing is trained":                       fit(func(f *Fit) { f.Train = nil }),
		`fit.train[0].name: "old"`:                            lora(func(l *LoRA) { l.Name = "old" }),
		"fit.objective: at least one":                         fit(func(f *Fit) { f.Objective = nil }),
		"fit.objective[0]: a loss is missing":                 fit(func(f *Fit) { f.Objective = []Term{{}} }),
		"epochs or steps, not both":                           fit(func(f *Fit) { f.Steps = 1 }),
		"fit.batch: -1":                                       fit(func(f *Fit) { f.Batch = -1 }),
		`fit.optimiser.name: "adam"`:                          fit(func(f *Fit) { f.Optimiser.Name = "adam" }),
		"fit.schedule.warmup: 2":                              fit(func(f *Fit) { f.Schedule.Warmup = 2 }),
		"model.attach[0].scale: 0 is refused":                 fit(func(f *Fit) { f.Model.Attach[0].Scale = 0 }),
		"model.attach[1].name":                                fit(func(f *Fit) { f.Model.Attach = append(f.Model.Attach, f.Model.Attach[0]) }),
		"model.attach[0].from: a blob is missing":             fit(func(f *Fit) { f.Model.Attach[0].From = From{} }),
		"model.routers[0].over[0]: nothing is attached": fit(func(f *Fit) {
			f.Model.Routers = []Router{{Over: []Expert{{Attach: "e"}}, By: Uniform, Grain: Token, Mix: Outputs}}
		}),
		`model.routers[0].by: ""`:          fit(func(f *Fit) { f.Model.Routers = []Router{{Grain: Token, Mix: Outputs}} }),
		"lora.rank: 0: at least 1":         lora(func(l *LoRA) { l.Rank = 0 }),
		"lora.scale: 0 would":              lora(func(l *LoRA) { l.Scale = 0 }),
		"lora.modules: at least":           lora(func(l *LoRA) { l.Modules = nil }),
		"lora.dropout: 1":                  lora(func(l *LoRA) { l.Dropout = 1 }),
		`lora.freeze: "C"`:                 lora(func(l *LoRA) { l.Freeze = "C" }),
		"lora.init[0]: an init is missing": lora(func(l *LoRA) { l.Init = []InitAt{{}} }),
		`data.where[0].is: "=="`:           fit(func(f *Fit) { f.Data.Where = []Cond{{Is: "=="}} }),
		`data.draw: "random"`:              fit(func(f *Fit) { f.Data.Draw = "random" }),
		"data.from[0]: either":             fit(func(f *Fit) { f.Data.From = []Source{{}} }),
		"score.metrics: at least one":      recipe(Score{Model: main}),
		"probe.what: at least one":         recipe(Probe{Model: main}),
		"sample: either a set":             recipe(Sample{}),
		"sample.shots: -1":                 recipe(Sample{Into: "x", Shots: -1}),
	} {
		t.Run(says, func(t *testing.T) {
			r, p := example()
			change(&r, &p)
			err := ValidatePlan(r, p, has)
			switch {
			case says == "" && err != nil:
				t.Errorf("a right answer: %v", err)
			case says != "" && (err == nil || !strings.Contains(err.Error(), says)):
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestValidatePlanAllowsToWaitAndToEnd(t *testing.T) {
	r, _ := example()
	if err := ValidatePlan(r, PlanResponse{Finished: true}, has); err != nil {
		t.Error(err)
	}
	r.Flying = 1
	if err := ValidatePlan(r, PlanResponse{}, has); err != nil {
		t.Error(err)
	}
}

func TestValidateFold(t *testing.T) {
	r, _ := example()
	for says, out := range map[string]FoldResponse{
		"":                             {Deploy: &r.Start, Values: []Value{{Name: "ratio", Value: math.NaN(), Weight: 1}}},
		"state.bytes":                  {State: State{Bytes: make([]byte, 65537)}},
		"notes[0]: 257 bytes":          {Notes: []Note{{Text: make([]byte, 257)}}},
		"values[0]":                    {Values: []Value{{Value: 1}}},
		"exports[0]":                   {Exports: []Named{{Name: "a"}}},
		"flops: -1":                    {Flops: -1},
		"flops: NaN":                   {Flops: math.NaN()},
		`there is no blob "y"`:         {Exports: []Named{{Name: "a", Blob: "y"}}},
		"deploy.attach[0].scale: +Inf": {Deploy: &Model{Base: "main", Attach: []Attach{{Name: "a", From: From{Blob: "b"}, Scale: math.Inf(1)}}}},
	} {
		err := ValidateFold(FoldRequest{Scene: r.Scene}, out, has)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: got %v", says, err)
		}
	}
}

func TestBlobsIn(t *testing.T) {
	_, p := example()
	p.State.Holds = []Blob{"c", "", "b"}
	got := BlobsIn(p)
	if len(got) != 2 || got[0] != "c" || got[1] != "b" {
		t.Errorf("found %q", got)
	}
}

func TestCards(t *testing.T) {
	c := Card{Name: "a-1", Title: "t", Roles: []Role{"client"}, Needs: []Need{NeedPast}, Params: []Param{
		{Name: "x", Kind: Int, Default: 1, Min: 1, Max: 2, Doc: "d"},
		{Name: "y", Kind: Text, Default: "b", OneOf: []string{"a", "b"}, Doc: "d"},
		{Name: "z", Kind: Floats, Default: []float64{}, Doc: "d"},
	}}
	if err := ValidateCard(c); err != nil {
		t.Error(err)
	}
	if v := c.Defaults(); v.Int("x") != 1 || v.Text("y") != "b" {
		t.Errorf("defaults are %v", v)
	}
	x, _ := c.Param("x")
	y, _ := c.Param("y")
	if _, ok := c.Param("none"); ok {
		t.Error("found a parameter that is not there")
	}
	for _, why := range []string{x.Takes(1.0), x.Takes("1"), x.Takes(3), x.Takes(nil), y.Takes("c")} {
		if why == "" {
			t.Error("a wrong value was taken")
		}
	}
	for says, bad := range map[string]func(*Card){
		"name":                 func(c *Card) { c.Name = "A" },
		"title":                func(c *Card) { c.Title = "" },
		"params[1].name":       func(c *Card) { c.Params[1].Name = "x" },
		"params[0].default":    func(c *Card) { c.Params[0].Default = 0 },
		"params[0].doc":        func(c *Card) { c.Params[0].Doc = "" },
		"roles":                func(c *Card) { c.Roles = nil },
		"needs[0]":             func(c *Card) { c.Needs = []Need{"all"} },
		`paper: "\xff" is not`: func(c *Card) { c.Paper = "\xff" },
	} {
		d := c
		d.Params = append([]Param{}, c.Params...)
		bad(&d)
		if err := ValidateCard(d); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v", says, err)
		}
	}
}
