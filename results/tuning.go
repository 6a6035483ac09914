package results

import (
	"fmt"
	"slices"
	"strings"
)

// tuned is how many settings of one method a run tried.
type tuned struct {
	Method   string
	Settings []string // parameters in canonical form, each once
}

// tuning lists the methods of a run with the parameters that each was run at.
func (r *Run) tuning() []tuned {
	var out []tuned
	for _, t := range r.Trials {
		params := make([]string, len(t.Head.Methods))
		for i, m := range t.Head.Methods {
			params[i] = m.Params
		}
		text := strings.Join(params, "\n")
		i := slices.IndexFunc(out, func(x tuned) bool { return x.Method == t.Method() })
		if i < 0 {
			out = append(out, tuned{Method: t.Method()})
			i = len(out) - 1
		}
		if !slices.Contains(out[i].Settings, text) {
			out[i].Settings = append(out[i].Settings, text)
		}
	}
	return out
}

// unequalTuning warns where some methods had more tries than others: the best of five is
// not fairly compared with the only one.
func unequalTuning(all []tuned) []error {
	var methods []tuned
	for _, t := range all { // runs that are compared add up
		i := slices.IndexFunc(methods, func(x tuned) bool { return x.Method == t.Method })
		if i < 0 {
			methods = append(methods, t)
			continue
		}
		for _, s := range t.Settings {
			if !slices.Contains(methods[i].Settings, s) {
				methods[i].Settings = append(slices.Clone(methods[i].Settings), s)
			}
		}
	}
	if len(methods) < 2 {
		return nil
	}
	equal := true
	words := make([]string, len(methods))
	for i, m := range methods {
		equal = equal && len(m.Settings) == len(methods[0].Settings)
		words[i] = fmt.Sprintf("%s %d", m.Method, len(m.Settings))
	}
	if equal {
		return nil
	}
	return []error{fmt.Errorf("tuning was unequal: settings tried are %s; a method that had more tries looks better by choice alone", strings.Join(words, ", "))}
}
