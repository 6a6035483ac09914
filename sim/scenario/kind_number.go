package scenario

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// whole is a whole number, into an int or, as a seed, a uint64.
type whole struct{ min, max int64 } // max 0: none

func (k whole) says() string {
	switch {
	case k.max == k.min && k.max > 0:
		return fmt.Sprint(k.min)
	case k.max > 0 && k.max <= 1<<16:
		return fmt.Sprintf("a whole number from %d to %d", k.min, k.max)
	}
	return fmt.Sprintf("a whole number of at least %d", k.min)
}

func (k whole) schema() object {
	s := object{"type": "integer", "minimum": k.min}
	if k.max > 0 {
		s["maximum"] = k.max
	}
	return s
}

func (k whole) read(c check, n *node, to any) {
	v, ok := readWhole(c, n, k)
	if !ok {
		return
	}
	switch to := to.(type) {
	case *int:
		*to = int(v)
	case *uint64:
		*to = uint64(v)
	default:
		panic(fmt.Sprintf("scenario: a row puts a whole number into %T", to))
	}
}

func (k whole) write(from any) *node {
	if u, ok := from.(*uint64); ok {
		return wholeNode(int64(*u))
	}
	return wholeNode(int64(*from.(*int)))
}

func readWhole(c check, n *node, k whole) (int64, bool) {
	if n.shape != scalar || n.quoted {
		c.want(n, k)
		return 0, false
	}
	v, ok := parseWhole(n.text)
	if ok && k.max > k.min && v > k.max {
		c.say(n.pos, "a whole number of at most %d was expected, found %s", k.max, n.found())
		return 0, false
	}
	if !ok || v < k.min || k.max > 0 && v > k.max {
		c.say(n.pos, "%s was expected, found %s%s", k.says(), n.found(), cmp.Or(zeroHint(n.text), wholeHint(n.text)))
		return 0, false
	}
	return v, true
}

// zeroHint and wholeHint explain texts that look like the number that was expected.
func zeroHint(s string) string {
	if len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		return "; write it without the leading 0"
	}
	return ""
}

func wholeHint(s string) string {
	if v, ok := parseReal(s); ok && v == math.Trunc(v) && math.Abs(v) < 1<<53 && !wholeForm.MatchString(s) {
		return fmt.Sprintf("; write %.0f", v)
	}
	return ""
}

// real is a number between bounds, in a float64.
type real struct {
	min, max float64 // both 0: none
	above    bool    // min itself is too small
}

func (k real) says() string {
	low := fmt.Sprintf("of at least %g", k.min)
	if k.above {
		low = fmt.Sprintf("above %g", k.min)
	}
	switch {
	case k.min == 0 && k.max == 0 && !k.above:
		return "a number"
	case k.max == 0 || k.max > 1e5:
		return "a number " + low
	}
	return fmt.Sprintf("a number %s and at most %g", low, k.max)
}

func (k real) schema() object {
	s := object{"type": "number"}
	if k.above {
		s["exclusiveMinimum"] = k.min
	} else if k.min != 0 || k.max != 0 {
		s["minimum"] = k.min
	}
	if k.max > 0 {
		s["maximum"] = k.max
	}
	return s
}

// holds says that a number is within the bounds.
func (k real) holds(v float64) bool {
	if k == (real{}) {
		return true
	}
	return (v > k.min || v == k.min && !k.above) && (k.max == 0 || v <= k.max)
}

func (k real) read(c check, n *node, to any) {
	if n.shape != scalar || n.quoted {
		c.want(n, k)
		return
	}
	v, ok := parseReal(n.text)
	if !ok || !k.holds(v) {
		c.say(n.pos, "%s was expected, found %s%s", k.says(), n.found(), zeroHint(n.text))
		return
	}
	*to.(*float64) = v
}

func (k real) write(from any) *node { return realNode(*from.(*float64)) }

// flag is true or false.
type flag struct{}

func (flag) says() string   { return "true or false" }
func (flag) schema() object { return object{"type": "boolean"} }

// flagHint answers the words that YAML took for truth values once.
var flagHint = map[string]string{
	"yes": "; write true", "on": "; write true", "y": "; write true", "true": "; write true",
	"no": "; write false", "off": "; write false", "n": "; write false", "false": "; write false",
}

func (k flag) read(c check, n *node, to any) {
	v, ok := parseFlag(n.text)
	if n.shape != scalar || n.quoted || !ok {
		c.say(n.pos, "%s was expected, found %s%s", k.says(), n.found(), flagHint[strings.ToLower(n.text)])
		return
	}
	*to.(*bool) = v
}

func (flag) write(from any) *node {
	if *from.(*bool) {
		return plainNode("true")
	}
	return plainNode("false")
}
