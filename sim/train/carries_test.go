package train_test

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/train"
)

// Every field of the seam that this version does not carry out is refused by its name.
func TestRefusals(t *testing.T) {
	type f = *method.Fit
	type l = *method.LoRA
	loss := func(x method.Loss) func(f, l) {
		return func(f f, _ l) { f.Objective = []method.Term{{Weight: 1, Loss: x}} }
	}
	fits := map[string]func(f, l){
		"neither Epochs nor Steps": func(f f, _ l) { f.Epochs = 0 },
		"sgd has no betas":         func(f f, _ l) { f.Optimiser.Name, f.Optimiser.Beta2 = "sgd", 0.9 },
		"adamw has no momentum":    func(f f, _ l) { f.Optimiser.Momentum = 0.9 },
		`form "dora"`:              func(_ f, l l) { l.Form, l.Dropout = "dora", 0.1 },
		`picks "top"`:              func(_ f, l l) { l.Init = []method.InitAt{{Modules: "*", Init: method.Spectral{Pick: "top"}}} },
		"names no blob":            func(_ f, l l) { l.Init = []method.InitAt{{Modules: "*", Init: method.Given{}}} },
		"at the temperature 0":     loss(method.Distill{Teacher: main}),
		"Model.Prompt) is":         loss(method.Distill{Tau: 1, Teacher: method.Model{Prompt: method.Prompt{Join: true}}}),
		`quadratic is of "head"`:   loss(method.Quadratic{Of: "head"}),
		"the norm of power 3":      loss(method.Norm{Power: 3}),
		"the share 1.5":            loss(method.Tail{Gamma: 1.5}),
		"names nothing to be":      loss(method.Orthogonal{}),
		"the loss triplet":         loss(method.Triplet{}),
		"of some examples only": func(f f, _ l) {
			f.Objective = []method.Term{{Weight: 1, Loss: method.Quadratic{}, Where: []method.Cond{{}}}}
		},
		"cross-entropy of a part": func(f f, _ l) { f.Objective = []method.Term{{Weight: 1, Loss: method.CrossEntropy{Even: true}}} },
		`the draw "balanced"`:     func(f f, _ l) { f.Data.Draw = method.Balanced },
		`the draw "subsampled"`:   func(f f, _ l) { f.Data.Draw = method.Subsampled },
		"some of its sources":     func(f f, _ l) { f.Data.From = []method.Source{{Name: "train", Share: 0.5}, {Name: "valid"}} },
		"By names no column":      func(f f, _ l) { f.Data.Draw = method.Balanced },
		"knows no groups":         func(f f, _ l) { f.Data.By = []string{"y"} },
		`"reservoir" is of a`:     func(f f, _ l) { f.Data.Draw = method.Reservoir },
		"choose one": func(f f, _ l) {
			f.Data = method.Data{Draw: method.Balanced, By: []string{"y"}, From: []method.Source{{Name: "train", Share: 1}, {Name: "valid", Share: 1}}}
		},
		"the gate switch": func(f f, _ l) { f.Model.Attach = []method.Attach{{Name: "own", Gate: method.Switch{}, Scale: 1}} },
		"that a gate could": func(f f, _ l) {
			f.Model.Attach = []method.Attach{{Name: "own", Gate: method.Sigmoid{}, Scale: 1, Merge: true}}
		},
		"and has no judge":       func(f f, _ l) { f.Model.Routers = []method.Router{{By: method.Judged, Grain: method.Sequence}} },
		"more than a token":      func(f f, _ l) { f.Model.Routers = []method.Router{{By: method.Absolute, Grain: method.Sequence}} },
		"Router.Column names it": func(f f, _ l) { f.Model.Routers = []method.Router{{By: method.ByColumn}} },
		"Model.Prompt":           func(f f, _ l) { f.Model.Prompt.Retrieve = "bm25" },
	}
	assigns := map[string]method.Assignment{
		"no recipe":                {},
		`Score.Of "head"`:          {Recipe: method.Score{Model: main, Of: "head"}},
		"that a model writes":      {Recipe: method.Sample{Model: main, Into: "x"}},
		"of the participant's own": {Recipe: method.Sample{Into: "train"}},
		"has a capacity":           {Recipe: method.Sample{Into: "x", Data: method.Data{Draw: method.Reservoir}}},
		"duplicates are dropped":   {Recipe: method.Sample{Into: "x", Count: 1, Unique: true, Data: method.Data{Draw: method.Reservoir}}},
		`keeps "y"`:                {Recipe: method.Sample{Into: "x"}, Keep: []string{"y"}},
		"it keeps logits":          {Recipe: method.Sample{Into: "x", Logits: true}},
		"drawing by weights":       {Recipe: method.Sample{Into: "x", Data: method.Data{Weigh: []method.Weigh{{}}}}},
		"weighing what is":         {Recipe: method.Score{Model: main, Data: method.Data{Weigh: []method.Weigh{{}}}}},
		"of a Score":               {Recipe: method.Score{Model: main}, Upload: []string{"loss"}},
		"Router.Grain sequence":    {Recipe: method.Score{Model: method.Model{Routers: []method.Router{{By: method.Nearest}}}}},
		`the draw "balanced"`:      {Recipe: method.Score{Model: main, Data: method.Data{Draw: method.Balanced}}},
		`uploading "lora.C"`:       {Recipe: fit(), Upload: []string{"lora.C"}},
		`uploading "control.A"`:    {Recipe: fit(terms(ce(1), method.Times(1, method.Control{Of: "lora"})), sgd), Upload: []string{"control.A"}},
		`keeping "head"`:           {Recipe: fit(), Keep: []string{"head"}},
		"keeping":                  {Recipe: method.Score{Model: main}, Keep: []string{"lora"}},
	}
	for _, p := range []method.Part{method.Head{Name: "x"}, method.Detector{Name: "x"}, method.Soft{Name: "x"}} {
		recipe := fit()
		recipe.Train = append(recipe.Train, p)
		assigns["the part "+method.Name(p)] = method.Assignment{Recipe: recipe}
	}
	refuses := func(want string, a method.Assignment) {
		t.Helper()
		err := train.Carries(a)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
	for want, change := range fits {
		refuses(want, method.Assignment{Recipe: fit(change)})
	}
	for want, a := range assigns {
		refuses(want, a)
	}
	if _, err := newRig(t).try(0, 1, method.Sample{Model: main, Into: "x"}); err == nil || !strings.Contains(err.Error(), "examples that a model writes (Sample.Model, Shots, Column) is not carried out by this version") {
		t.Errorf("a trainer that is asked for it all the same: %v", err)
	}
}

// What is spelled out and means what is done anyway is no refusal.
func TestNoRefusals(t *testing.T) {
	for name, a := range map[string]method.Assignment{
		"plain":  {Recipe: fit()},
		"score":  {Recipe: method.Score{Model: main, By: []string{"topic"}, Data: method.Data{Draw: method.Shuffled}}},
		"upload": {Recipe: fit(), Upload: []string{"lora"}},
		"spelt out": {Recipe: fit(func(f *method.Fit, l *method.LoRA) {
			f.Pile, f.Optimiser.Name, f.Optimiser.Beta1, f.Data.From = 1, "adamw", 0.8, []method.Source{{Name: "train", Share: 1}}
			f.Model.Attach = []method.Attach{{Name: "a", From: method.From{Blob: "x"}, Scale: 1, Rank: 2, Merge: true}}
		})},
	} {
		if err := train.Carries(a); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
