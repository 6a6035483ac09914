package method

import "slices"

// validRecipe refuses what no participant could do. What a host has not built yet it
// refuses itself, by name.
func validRecipe(r Recipe, at string, s Scene, has func(Blob) bool, fault faults) {
	switch r := r.(type) {
	case Fit:
		validFit(r, at+".fit", s, has, fault)
	case Score:
		validModel(r.Model, at+".score.model", s, has, fault)
		validData(r.Data, at+".score.data", fault)
		if len(r.Metrics) == 0 {
			fault(at+".score.metrics", "at least one is expected")
		}
	case Probe:
		validModel(r.Model, at+".probe.model", s, has, fault)
		validData(r.Data, at+".probe.data", fault)
		if len(r.What) == 0 || slices.Contains(r.What, nil) {
			fault(at+".probe.what", "at least one statistic is expected, and none may be nil")
		}
	case Sample:
		if r.Model.Base != "" { // without a model, examples are drawn
			validModel(r.Model, at+".sample.model", s, has, fault)
		}
		validData(r.Data, at+".sample.data", fault)
		if (r.Into == "") == (r.Column == "") {
			fault(at+".sample", "either a set (into) or a column is expected")
		}
		atLeast(0, fault, at+".sample.", count{"shots", r.Shots}, count{"count", r.Count})
	case nil:
		fault(at, "a recipe is missing")
	} // pointers are found as such
}

func validFit(f Fit, at string, s Scene, has func(Blob) bool, fault faults) {
	validModel(f.Model, at+".model", s, has, fault)
	validData(f.Data, at+".data", fault)
	if len(f.Train) == 0 {
		fault(at+".train", "nothing is trained")
	}
	names, kept := map[string]bool{}, map[string]bool{}
	for _, a := range f.Model.Attach {
		names[a.Name], kept[a.Name] = true, a.From.Kept
	}
	for i, p := range f.Train {
		name := validPart(p, index(at+".train", i), fault)
		switch {
		case kept[name]:
			fault(index(at+".train", i)+".name", "%q is what each participant keeps of the method before in the chain, and builds on: what is trained under that name would take its place", name)
		case name == "" || names[name]:
			fault(index(at+".train", i)+".name", "%q is empty, or the name of another part or attachment", name)
		}
		names[name] = true
	}
	if len(f.Objective) == 0 {
		fault(at+".objective", "at least one term is expected")
	}
	for i, t := range f.Objective {
		if t.Loss == nil {
			fault(index(at+".objective", i), "a loss is missing")
		}
	}
	if f.Epochs > 0 && f.Steps > 0 {
		fault(at, "epochs or steps, not both")
	}
	if f.Epochs < 0 || f.Clip < 0 {
		fault(at, "epochs and clip cannot be negative")
	}
	atLeast(0, fault, at+".", count{"steps", f.Steps}, count{"batch", f.Batch}, count{"pile", f.Pile}, count{"trace", f.Trace})
	oneOf(f.Optimiser.Name, at+".optimiser.name", fault, "", "adamw", "sgd")
	oneOf(f.Schedule.Name, at+".schedule.name", fault, "", "constant", "linear", "cosine")
	if f.Optimiser.LR < 0 || f.Optimiser.Decay < 0 {
		fault(at+".optimiser", "learning rate and decay cannot be negative")
	}
	if w := f.Schedule.Warmup; w < 0 || w > 1 {
		fault(at+".schedule.warmup", "%g is no fraction", w)
	}
}

// validPart returns the name of the part.
func validPart(p Part, at string, fault faults) string {
	switch p := p.(type) {
	case LoRA:
		validLoRA(p, at+".lora", fault)
	case Head:
		atLeast(1, fault, at+".head.", count{"outputs", p.Outputs})
	case Detector:
		atLeast(0, fault, at+".detector.", count{"outputs", p.Outputs})
	case Soft:
		atLeast(1, fault, at+".soft.", count{"tokens", p.Tokens})
	}
	return PartName(p)
}

func validLoRA(p LoRA, at string, fault faults) {
	given := p.From.Blob != "" || slices.ContainsFunc(p.Init, func(i InitAt) bool {
		_, ok := i.Init.(Given)
		return ok
	})
	if p.Rank < OwnRank || p.Rank == 0 && !given {
		fault(at+".rank", "%d: at least 1 is expected, or OwnRank", p.Rank)
	}
	if p.Scale == 0 {
		fault(at+".scale", "0 would train nothing: write the s of s·B·A")
	}
	if len(p.Modules) == 0 {
		fault(at+".modules", `at least one pattern is expected ("*.q", "*")`)
	}
	if p.Dropout < 0 || p.Dropout >= 1 {
		fault(at+".dropout", "%g: from 0 to below 1 is expected", p.Dropout)
	}
	oneOf(p.Form, at+".form", fault, "", "dora")
	oneOf(p.Freeze, at+".freeze", fault, "", "A", "B")
	validInits(p.Init, at+".init", fault)
	for i, x := range p.Rates {
		oneOf(x.Factor, index(at+".rates", i)+".factor", fault, "", "A", "B")
	}
}

func validInits(list []InitAt, at string, fault faults) {
	for i, x := range list {
		if x.Init == nil {
			fault(index(at, i), "an init is missing")
		}
		if s, ok := x.Init.(Spectral); ok {
			oneOf(s.Pick, index(at, i)+".pick", fault, "principal", "minor", "middle", "random")
		}
	}
}

func validModel(m Model, at string, s Scene, has func(Blob) bool, fault faults) {
	base := slices.ContainsFunc(s.Bases, func(b Base) bool { return b.Name == m.Base })
	if !base && !has(Blob(m.Base)) {
		fault(at+".base", "%q is neither a base of the scenario nor a blob", m.Base)
	}
	names := map[string]bool{}
	for i, a := range m.Attach {
		here := index(at+".attach", i)
		if a.Name == "" || names[a.Name] {
			fault(here+".name", "%q is empty or there already", a.Name)
		}
		names[a.Name] = true
		if a.Scale == 0 {
			fault(here+".scale", "0 is refused: leave the attachment out, or write 1 for as trained")
		}
		if a.From == (From{}) {
			fault(here+".from", "a blob is missing, or Kept")
		}
		if a.Rank < OwnRank {
			fault(here+".rank", "%d is no rank", a.Rank)
		}
	}
	for i, r := range m.Routers {
		here := index(at+".routers", i)
		oneOf(r.By, here+".by", fault, Standardised, Absolute, Nearest, Judged, ByColumn, Uniform)
		oneOf(r.Grain, here+".grain", fault, Token, Sequence, Batch)
		oneOf(r.Mix, here+".mix", fault, Outputs, Factors)
		for j, x := range r.Over {
			if x.Attach != "" && !names[x.Attach] {
				fault(index(here+".over", j), "nothing is attached under %q", x.Attach)
			}
		}
	}
	atLeast(0, fault, at+".decode.", count{"top_k", m.Decode.TopK}, count{"tokens", m.Decode.Tokens})
}

func validData(d Data, at string, fault faults) {
	for i, s := range d.From {
		if (s.Name == "") == (s.Blob == "") || s.Share < 0 {
			fault(index(at+".from", i), "either a name or a blob is expected, and a share of at least 0")
		}
	}
	for i, c := range d.Where {
		oneOf(c.Is, index(at+".where", i)+".is", fault, "=", "!=", ">", "<")
	}
	oneOf(d.Draw, at+".draw", fault, "", Shuffled, InOrder, Balanced, Subsampled, Reservoir)
	for i, w := range d.Weigh {
		if w.Times < 0 {
			fault(index(at+".weigh", i)+".times", "%g cannot be negative", w.Times)
		}
	}
	atLeast(0, fault, at+".", count{"limit", d.Limit})
}

func oneOf[S ~string](x S, at string, fault faults, allowed ...S) {
	if !slices.Contains(allowed, x) {
		fault(at, "%q: one of %q is expected", x, allowed)
	}
}

// count is a number with its place in a document.
type count struct {
	name string
	n    int
}

func atLeast(least int, fault faults, at string, counts ...count) {
	for _, c := range counts {
		if c.n < least {
			fault(at+c.name, "%d: at least %d is expected", c.n, least)
		}
	}
}
