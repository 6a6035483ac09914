package method

import (
	"slices"
	"strings"
)

// Needs are all that a card may ask for.
var Needs = []Need{
	NeedTrainGroups, NeedTestGroups, NeedTestTask, NeedPast, NeedOnePlace, NeedExamples,
	NeedFeatures, NeedEqualRanks, NeedAll, NeedTokenizer,
}

// Defaults are the values of a run that sets no parameter.
func (c Card) Defaults() Values {
	v := make(Values, len(c.Params))
	for _, p := range c.Params {
		v[p.Name] = p.Default
	}
	return v
}

// Param returns the parameter of that name.
func (c Card) Param(name string) (Param, bool) {
	i := slices.IndexFunc(c.Params, func(p Param) bool { return p.Name == name })
	if i < 0 {
		return Param{}, false
	}
	return c.Params[i], true
}

// Binding is what of a card a run depends on, and what its digest in a ledger is of.
func (c Card) Binding() Card {
	c.Weights, c.Routes, c.Trains, c.Keeps = false, false, nil, nil
	c.Moves, c.Still, c.Alike = false, "", false
	return c
}

// Takes says why x cannot be the parameter's value, or "".
func (p Param) Takes(x any) string {
	number, isNumber := 0.0, false
	switch x := x.(type) {
	case int:
		number, isNumber = float64(x), true
	case float64:
		number, isNumber = x, true
	}
	switch {
	case kindOf(x) != p.Kind:
		return "a value of kind " + string(p.Kind) + " is expected"
	case isNumber && (p.Min != 0 || p.Max != 0) && !(p.Min <= number && number <= p.Max):
		return "a value from " + shortest(p.Min) + " to " + shortest(p.Max) + " is expected"
	case p.Kind == Text && len(p.OneOf) > 0 && !slices.Contains(p.OneOf, x.(string)):
		return "one of " + strings.Join(p.OneOf, ", ") + " is expected"
	}
	return ""
}

func kindOf(x any) Kind {
	switch x.(type) {
	case int:
		return Int
	case float64:
		return Float
	case bool:
		return Flag
	case string:
		return Text
	case []float64:
		return Floats
	}
	return ""
}

func shortest(x float64) string { return string(appendFloat(nil, x, 64)) }

// ValidateCard says what is wrong with a card, or nil.
func ValidateCard(c Card) error {
	return gather(func(fault faults) {
		wellFormed(c, "", false, fault)
		if !plain(c.Name) {
			fault("name", "%q: lower-case letters, digits and hyphens are expected", c.Name)
		}
		if c.Title == "" {
			fault("title", "one line for `simrun plugin list` is missing")
		}
		seen := map[string]bool{}
		for i, p := range c.Params {
			at := index("params", i)
			if p.Name == "" || seen[p.Name] {
				fault(at+".name", "%q is empty or there already", p.Name)
			}
			seen[p.Name] = true
			if why := p.Takes(p.Default); why != "" {
				fault(at+".default", "%v of %s: %s", p.Default, p.Name, why)
			}
			if p.Doc == "" {
				fault(at+".doc", "the line about %s is missing", p.Name)
			}
		}
		if len(c.Roles) == 0 {
			fault("roles", "at least one is expected")
		}
		for i, name := range c.Keeps {
			if !slices.Contains(c.Trains, name) {
				fault(index("keeps", i), "%q is none of the adapters that it trains, %q", name, c.Trains)
			}
		}
		for i, n := range c.Needs {
			if !slices.Contains(Needs, n) {
				fault(index("needs", i), "%q is unknown; there are %q", n, Needs)
			}
		}
	})
}

// plain says whether a name is made of lower-case letters, digits and hyphens.
func plain(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
		!strings.HasPrefix(name, "-")
}
