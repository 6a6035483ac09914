package methodtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// ruleGrants looks at every recipe and model of the plain trial.
func ruleGrants(e *exam) error {
	for round, plan := range e.reference.plans {
		for _, a := range plan.Assign {
			for _, n := range needs(a) {
				if !slices.Contains(e.card.Needs, n.Need) {
					return fmt.Errorf("assignment %q of round %d %s, which needs %q: the card does not list it", a.Name, round, n.why, n.Need)
				}
			}
		}
	}
	if e.reference.deploy != nil {
		for _, n := range modelNeeds(*e.reference.deploy) {
			if !slices.Contains(e.card.Needs, n.Need) {
				return fmt.Errorf("what is deployed %s, which needs %q: the card does not list it", n.why, n.Need)
			}
		}
	}
	return nil
}

// need is a permission, and what it is needed for.
type need struct {
	method.Need
	why string
}

// open columns are those of an example that anybody may see.
var openColumns = []string{"", "y", "label"}

func needs(a method.Assignment) []need {
	var list []need
	var data method.Data
	switch r := a.Recipe.(type) {
	case method.Fit:
		data = r.Data
		list = append(list, termNeeds(r.Objective, r.Model.Base)...)
	case method.Score:
		data = r.Data
		list = append(list, columns("groups scores by", r.By)...)
	case method.Probe:
		data = r.Data
		if slices.Contains(r.By, "example") && !keepsOnly(a) {
			list = append(list, need{method.NeedFeatures, "uploads a row per example"})
		}
		list = append(list, columns("groups rows by", r.By)...)
	case method.Sample:
		data = r.Data
		if r.Into != "" && slices.Contains(a.Upload, r.Into) {
			list = append(list, need{method.NeedExamples, "uploads the set " + r.Into})
		}
	}
	for _, s := range data.From {
		if s.Name == "seen" {
			list = append(list, need{method.NeedPast, `reads "seen"`})
		}
		if s.Name == "pool" {
			list = append(list, need{method.NeedOnePlace, `reads "pool"`})
		}
		if slices.Contains(a.Upload, s.Name) && s.Name != "" {
			list = append(list, need{method.NeedExamples, "uploads the set " + s.Name})
		}
	}
	list = append(list, columns("draws by", data.By)...)
	conds := slices.Clone(data.Where)
	for _, w := range data.Weigh {
		conds = append(conds, w.Where...)
	}
	for _, c := range conds {
		list = append(list, columns("selects by", []string{c.Column})...)
	}
	return list
}

// keepsOnly says whether nothing is uploaded beside what is named as kept.
func keepsOnly(a method.Assignment) bool { return len(a.Upload) > 0 && len(a.Keep) > 0 }

// columns asks for the groups where a column is one that not everybody may see. A column
// that a recipe made ("wrong", "p_minor") has a name of at least two letters; groups of
// the exam's world are "s" and those named "group…".
func columns(does string, names []string) []need {
	var list []need
	for _, c := range names {
		if !slices.Contains(openColumns, c) && (c == "s" || strings.HasPrefix(c, "group")) {
			list = append(list, need{method.NeedTrainGroups, does + " column " + c})
		}
	}
	return list
}

func termNeeds(terms []method.Term, base string) []need {
	var list []need
	for _, t := range terms {
		switch l := t.Loss.(type) {
		case method.GroupDRO:
			list = append(list, columns("weights groups by", l.By)...)
		case method.Adversary:
			list = append(list, columns("hides", []string{l.Target})...)
		case method.Distill:
			if l.Teacher.Base != base {
				list = append(list, need{method.NeedTokenizer, "learns from another base"})
			}
		}
	}
	return list
}

// modelNeeds are those of answering: nobody knows the group or the task of a user's input.
func modelNeeds(m method.Model) []need {
	var list []need
	for _, a := range m.Attach {
		if s, ok := a.Gate.(method.Switch); ok && len(columns("", []string{s.Column})) > 0 {
			list = append(list, need{method.NeedTestGroups, "switches " + a.Name + " by column " + s.Column})
		}
	}
	for _, r := range m.Routers {
		if r.By == method.ByColumn {
			list = append(list, need{method.NeedTestTask, "routes by column " + r.Column})
		}
	}
	return list
}
