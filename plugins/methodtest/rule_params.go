package methodtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/loramesh/loramesh/plugins/method"
)

// nothing is how the line about a parameter says where it does nothing.
var nothing = regexp.MustCompile(`(\S+) does nothing`)

// ruleDoesNothing compares the first plan at a parameter's value that does nothing with
// the plan at one that does something: the first may lack what the second has, but must
// have nothing besides, except the value itself (schedule: constant).
func ruleDoesNothing(e *exam) error {
	for _, p := range e.card.Params {
		says := nothing.FindStringSubmatch(p.Doc)
		if says == nil {
			continue
		}
		idle, err := read(says[1], p.Kind)
		if err != nil {
			return fmt.Errorf("%s: its line says that %s does nothing: %w", p.Name, says[1], err)
		}
		if why := p.Takes(idle); why != "" {
			return fmt.Errorf("%s: its line says that %s does nothing, and %s", p.Name, says[1], why)
		}
		without, err := e.planWith(p.Name, idle)
		if err != nil {
			return fmt.Errorf("%s at %v, where it does nothing: %w", p.Name, idle, err)
		}
		busy, ok := busy(p, idle)
		if !ok {
			continue
		}
		with, err := e.planWith(p.Name, busy)
		if err != nil {
			return fmt.Errorf("%s at %v: %w", p.Name, busy, err)
		}
		for _, path := range slices.Sorted(maps.Keys(without)) {
			x := without[path]
			if x != with[path] && x != fmt.Sprint(idle) {
				return fmt.Errorf("%s: its line says that %v does nothing, and there %s is %s; at %v it is %q", p.Name, idle, path, x, busy, with[path])
			}
		}
	}
	return nil
}

// planWith is the first plan, flat: path to value.
func (e *exam) planWith(name string, x any) (map[string]string, error) {
	v := e.values()
	v[name] = x
	got, err := e.play(script{rounds: 1, params: v})
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(method.Canonical(got.plans[0].Assign), &tree); err != nil {
		return nil, err
	}
	flat := map[string]string{}
	flatten(tree, "assign", flat)
	return flat, nil
}

func flatten(tree any, path string, to map[string]string) {
	switch x := tree.(type) {
	case map[string]any:
		for name, y := range x {
			flatten(y, path+"."+name, to)
		}
	case []any:
		for i, y := range x {
			flatten(y, fmt.Sprintf("%s[%d]", path, i), to)
		}
	default:
		to[path] = fmt.Sprint(x)
	}
}

func read(text string, kind method.Kind) (any, error) {
	switch kind {
	case method.Int:
		return strconv.Atoi(text)
	case method.Float:
		return strconv.ParseFloat(text, 64)
	case method.Flag:
		return strconv.ParseBool(text)
	case method.Text:
		return text, nil
	}
	return nil, fmt.Errorf("a list cannot say so")
}

// busy is an allowed value other than the idle one: the default, if it is another.
func busy(p method.Param, idle any) (any, bool) {
	candidates := []any{p.Default}
	switch idle := idle.(type) {
	case int:
		candidates = append(candidates, idle+1, idle-1)
	case float64:
		candidates = append(candidates, (p.Min+p.Max)/2, idle+0.5, idle-0.5)
	case bool:
		candidates = append(candidates, !idle)
	case string:
		for _, other := range p.OneOf {
			candidates = append(candidates, other)
		}
	}
	for _, x := range candidates {
		if x != idle && p.Takes(x) == "" {
			return x, true
		}
	}
	return nil, false
}
