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
		for _, n := range slices.Concat(a.Upload, a.Keep) {
			if (n != r.Column || n == "") && n != method.Nothing {
				return refuse("uploading or keeping %q of a Score, which gives values, and the column %q; that", n, r.Column)
			}
		}
		if err := carriesModel(r.Model); err != nil {
			return err
		}
		if r.Of != "" {
			return refuse("scoring an attached detector or head (Score.Of %q)", r.Of)
		}
		if r.Model.Decode != (method.Decode{}) {
			return refuse("scoring text that is not written greedily (Model.Decode)")
		}
		return carriesData(r.Data)
	case method.Probe:
		return carriesProbe(a, r)
	case method.Sample:
		return carriesSample(a, r)
	case nil:
		return fmt.Errorf("it has no recipe")
	}
	return refuse("the verb %s", method.Name(a.Recipe))
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%s is not carried out by this version", fmt.Sprintf(format, args...))
}

// carriesModel: attachments by blob or of what is kept, behind no gate or one that each token
// opens, and routers.
func carriesModel(m method.Model) error {
	for _, a := range m.Attach {
		switch a.Gate.(type) {
		case nil:
		case method.Sigmoid:
			if a.Merge {
				return fmt.Errorf("attachment %q is merged into the weights: nothing is left of it that a gate could scale", a.Name)
			}
		default:
			return refuse("the gate %s of attachment %q", method.Name(a.Gate), a.Name)
		}
	}
	if err := carriesRouters(m); err != nil {
		return err
	}
	switch {
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
	if err := carriesRoutedFit(f.Model); err != nil {
		return err
	}
	for _, p := range f.Train {
		switch p := p.(type) {
		case method.LoRA:
			if err := carriesLoRA(p); err != nil {
				return fmt.Errorf("part %q: %w", p.Name, err)
			}
		case method.Weights:
		case method.Keys:
			if err := carriesKeys(p, f.Model); err != nil {
				return err
			}
		default:
			return refuse("training the part %s", method.Name(p))
		}
	}
	for _, t := range f.Objective {
		if err := carriesTerm(t, f.Train); err != nil {
			return err
		}
	}
	if err := carriesControl(f); err != nil {
		return err
	}
	if f.Data.Draw == method.Reservoir {
		return fmt.Errorf("the draw %q is of a Sample; a Fit learns from what one has kept", f.Data.Draw)
	}
	return carriesDraw(f.Data)
}

func carriesLoRA(l method.LoRA) error {
	if l.Form == "dora" && l.Dropout > 0 {
		return refuse("dropout beside magnitudes (form %q)", l.Form)
	}
	for _, i := range l.Init {
		if err := carriesInit(i); err != nil {
			return err
		}
	}
	return nil
}

// carriesTerm: cross-entropy of the model's answers, distillation, logits that examples were kept
// with, and penalties of parts.
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
	case method.Recall:
		return nil
	case method.Quadratic, method.Control, method.Orthogonal, method.Tail, method.Norm:
		if len(t.Where) > 0 {
			return fmt.Errorf("the term %s is over weights, and is to be of some examples only (Where)", method.Name(l))
		}
		return carriesPull(l, train)
	}
	return refuse("the loss %s", method.Name(t.Loss))
}

// carriesData: any sources and conditions, as they lie: what is measured is measured once.
func carriesData(d method.Data) error {
	shares := slices.ContainsFunc(d.From, func(s method.Source) bool { return s.Share > 0 }) && len(d.From) > 1
	switch {
	case len(d.Weigh) > 0 || len(d.By) > 0 || shares:
		return refuse("weighing what is measured, or mixing it by shares (Data.Weigh, By, Source.Share)")
	case d.Draw != "" && d.Draw != method.Shuffled && d.Draw != method.InOrder:
		return refuse("the draw %q of what is measured", d.Draw)
	}
	return nil
}

// carriesDraw: what is learned from, or drawn.
func carriesDraw(d method.Data) error {
	given := 0
	for _, s := range d.From {
		if s.Share > 0 {
			given++
		}
	}
	byGroups := d.Draw == method.Balanced || d.Draw == method.Subsampled
	switch {
	case given > 0 && given < len(d.From):
		return fmt.Errorf("some of its sources have a share of every batch and others none: give each a share above 0, or none any")
	case byGroups && len(d.By) == 0:
		return fmt.Errorf("the draw %q is by groups, and By names no column", d.Draw)
	case !byGroups && len(d.By) > 0:
		return fmt.Errorf("By names %q, and the draw %q knows no groups", d.By, d.Draw)
	case byGroups && given > 1:
		return fmt.Errorf("the draw %q mixes its sources by groups, and they have shares of every batch too: choose one", d.Draw)
	}
	return nil
}

// carriesNames: whole parts or single factors of them are uploaded and kept, and kept are
// the optimiser and attachments besides.
func carriesNames(a method.Assignment, f method.Fit) error {
	var parts, factored, keys, others []string
	for _, p := range f.Train {
		parts = append(parts, method.PartName(p))
		if x, ok := p.(method.LoRA); ok {
			factored = append(factored, x.Name)
		}
		if w, ok := p.(method.Weights); ok {
			if err := carriesWeights(w, a.Upload, a.Keep); err != nil {
				return err
			}
		}
		if k, ok := p.(method.Keys); ok {
			keys = append(keys, k.Name)
		}
	}
	for _, at := range f.Model.Attach {
		others = append(others, at.Name)
	}
	others = append(others, method.KeptOptimiser)
	if controlled(f.Objective) {
		parts, others = append(parts, method.KeptControl), append(others, method.KeptControl)
	}
	is := func(name string) bool {
		part, _, factor := method.Factor(name)
		return slices.Contains(parts, name) || factor && slices.Contains(factored, part)
	}
	for _, u := range a.Upload {
		if !is(u) && !onlyNothing(a.Upload) {
			return refuse("uploading %q: it trains %s, and parts and their factors (NAME.A, NAME.B) are uploaded; that", u, strings.Join(parts, ", "))
		}
	}
	for _, k := range a.Keep {
		if slices.Contains(keys, k) {
			return refuse("keeping the keys %q, which are uploaded; that", k)
		}
		if !is(k) && !slices.Contains(others, k) {
			return refuse("keeping %q: it trains %s, and there are %s besides; that", k, strings.Join(parts, ", "), strings.Join(others, ", "))
		}
	}
	return nil
}

// onlyNothing says whether an assignment uploads nothing; see [method.Nothing].
func onlyNothing(upload []string) bool { return slices.Equal(upload, []string{method.Nothing}) }
