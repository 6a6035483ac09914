package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/suggest"
)

// convert is a parameter's value in the Go type of its kind. want, where it does not fit,
// is what was expected.
func convert(p method.Param, given any) (v any, want string) {
	switch p.Kind {
	case method.Int:
		if n, ok := given.(int); ok && bounded(p, float64(n)) {
			return n, ""
		}
		return nil, "a whole number" + bounds(p)
	case method.Float:
		if f, ok := number(given); ok && bounded(p, f) {
			return f, ""
		}
		return nil, "a number" + bounds(p)
	case method.Flag:
		if b, ok := given.(bool); ok {
			return b, ""
		}
		return nil, "true or false"
	case method.Text:
		s, ok := given.(string)
		if ok && (len(p.OneOf) == 0 || slices.Contains(p.OneOf, s)) {
			return s, ""
		}
		if len(p.OneOf) == 0 {
			return nil, "text"
		}
		return nil, "one of " + strings.Join(p.OneOf, ", ") + hint(s, p.OneOf)
	case method.Floats:
		if fs, ok := numbers(given); ok && !slices.ContainsFunc(fs, func(f float64) bool { return !bounded(p, f) }) {
			return fs, ""
		}
		return nil, "a list of numbers" + bounds(p)
	}
	return nil, fmt.Sprintf("a kind of parameter that this version knows (%q is none)", p.Kind)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// numbers takes a list as the scenario or a card has it.
func numbers(v any) ([]float64, bool) {
	switch v := v.(type) {
	case []float64:
		return slices.Clone(v), true
	case []any:
		out := make([]float64, len(v))
		for i, x := range v {
			f, ok := number(x)
			if !ok {
				return nil, false
			}
			out[i] = f
		}
		return out, true
	}
	return nil, false
}

// bounded says that a number is within a card's bounds; both 0 are none.
func bounded(p method.Param, v float64) bool {
	return p.Min == 0 && p.Max == 0 || v >= p.Min && v <= p.Max
}

func bounds(p method.Param) string {
	if p.Min == 0 && p.Max == 0 {
		return ""
	}
	return fmt.Sprintf(" from %g to %g", p.Min, p.Max)
}

func hint(word string, known []string) string {
	if w := suggest.Word(word, known); w != "" {
		return fmt.Sprintf(" (did you mean %q?)", w)
	}
	return ""
}

// show prints a value as the user wrote it.
func show(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(v)
}
