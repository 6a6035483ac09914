package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// Carries refuses, by name, what an assignment asks for and this version does not carry
// out. The seam is larger than what is built; nothing in it is passed over in silence.
func Carries(a method.Assignment) error {
	switch r := a.Recipe.(type) {
	case method.Fit:
		if err := carriesFit(r); err != nil {
			return err
		}
		return carriesNames(a, r)
	case method.Score:
		if len(a.Keep) > 0 {
			return refuse("keeping %q of a Score, which gives values alone; that", a.Keep)
		}
		if len(a.Upload) > 0 && !onlyNothing(a.Upload) {
			return refuse("uploading %q of a Score, which gives values alone; that", a.Upload)
		}
		if err := carriesModel(r.Model); err != nil {
			return err
		}
		if r.Of != "" {
			return refuse("scoring an attached detector or head (Score.Of %q)", r.Of)
		}
		if r.Column != "" {
			return refuse("leaving a column behind (Score.Column %q)", r.Column)
		}
		if r.Model.Decode != (method.Decode{}) {
			return refuse("scoring text that is not written greedily (Model.Decode)")
		}
		return carriesData(r.Data)
	case method.Probe:
		return carriesProbe(a, r)
	case nil:
		return fmt.Errorf("it has no recipe")
	}
	return refuse("the verb %s", method.Name(a.Recipe))
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%s is not carried out by this version", fmt.Sprintf(format, args...))
}

// carriesModel: attachments by blob or of what is kept, always on.
func carriesModel(m method.Model) error {
	for _, a := range m.Attach {
		if a.Gate != nil {
			return refuse("the gate %s of attachment %q", method.Name(a.Gate), a.Name)
		}
	}
	switch {
	case len(m.Routers) > 0:
		return refuse("routing (Model.Routers)")
	case m.Prompt != method.Prompt{}:
		return refuse("a prompt other than the data's template (Model.Prompt)")
	}
	return nil
}

func carriesFit(f method.Fit) error {
	if err := carriesModel(f.Model); err != nil {
		return err
	}
	switch {
	case f.Epochs == 0 && f.Steps == 0:
		return fmt.Errorf("it has neither Epochs nor Steps")
	case f.Optimiser.Name == "sgd" && (f.Optimiser.Beta1 != 0 || f.Optimiser.Beta2 != 0):
		return fmt.Errorf("sgd has no betas")
	case f.Optimiser.Name != "sgd" && f.Optimiser.Momentum != 0:
		return fmt.Errorf("adamw has no momentum: it has Beta1")
	}
	for _, p := range f.Train {
		l, ok := p.(method.LoRA)
		if !ok {
			return refuse("training the part %s", method.Name(p))
		}
		if err := carriesLoRA(l); err != nil {
			return fmt.Errorf("part %q: %w", l.Name, err)
		}
	}
	for _, t := range f.Objective {
		if err := carriesTerm(t, f.Train); err != nil {
			return err
		}
	}
	return carriesData(f.Data)
}

func carriesLoRA(l method.LoRA) error {
	if l.Form != "" {
		return refuse("the form %q", l.Form)
	}
	for _, i := range l.Init {
		if err := carriesInit(i); err != nil {
			return err
		}
	}
	return nil
}

// carriesTerm: cross-entropy of the model's answers, distillation, and penalties of parts.
func carriesTerm(t method.Term, train []method.Part) error {
	switch l := t.Loss.(type) {
	case method.CrossEntropy:
		if l.Of != "" || l.Target != "" || l.Even {
			return refuse("cross-entropy of a part, of a column, or with even classes")
		}
		return nil
	case method.Distill:
		if !(l.Tau > 0) {
			return fmt.Errorf("it distills at the temperature %g; a number above 0 is expected", l.Tau)
		}
		return carriesModel(l.Teacher)
	case method.Quadratic, method.Orthogonal, method.Tail, method.Norm:
		if len(t.Where) > 0 {
			return fmt.Errorf("the term %s is over weights, and is to be of some examples only (Where)", method.Name(l))
		}
		return carriesPull(l, train)
	}
	return refuse("the loss %s", method.Name(t.Loss))
}

func carriesData(d method.Data) error {
	switch {
	case len(d.From) > 1:
		return refuse("mixing %d sources", len(d.From))
	case len(d.From) == 1 && d.From[0].Blob != "":
		return refuse("examples that travel as a blob (Source.Blob)")
	case len(d.Where) > 0 || len(d.Weigh) > 0 || len(d.Columns) > 0 || len(d.By) > 0:
		return refuse("choosing or weighing examples by columns (Data.Where, Weigh, Columns, By)")
	case d.Draw != "" && d.Draw != method.Shuffled && d.Draw != method.InOrder:
		return refuse("the draw %q", d.Draw)
	}
	return nil
}

// carriesNames: whole parts or single factors of them are uploaded and kept, and kept are
// the optimiser and attachments besides.
func carriesNames(a method.Assignment, f method.Fit) error {
	var parts, others []string
	for _, p := range f.Train {
		if l, ok := p.(method.LoRA); ok {
			parts = append(parts, l.Name)
		}
	}
	for _, at := range f.Model.Attach {
		others = append(others, at.Name)
	}
	others = append(others, method.KeptOptimiser)
	is := func(name string) bool {
		part, _, _ := method.Factor(name)
		return slices.Contains(parts, part) || slices.Contains(parts, name)
	}
	for _, u := range a.Upload {
		if !is(u) && !onlyNothing(a.Upload) {
			return refuse("uploading %q: it trains %s, and parts and their factors (NAME.A, NAME.B) are uploaded; that", u, strings.Join(parts, ", "))
		}
	}
	for _, k := range a.Keep {
		if !is(k) && !slices.Contains(others, k) {
			return refuse("keeping %q: it trains %s, and there are %s besides; that", k, strings.Join(parts, ", "), strings.Join(others, ", "))
		}
	}
	return nil
}

// onlyNothing says whether an assignment uploads nothing; see [method.Nothing].
func onlyNothing(upload []string) bool { return slices.Equal(upload, []string{method.Nothing}) }
