package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/sim/suggest"
)

// kind is what may stand in one place of a scenario. Every kind reads into and writes from
// a pointer to the Go value that a table row names; the two are inverse, which is what
// makes resolved.yaml parse to the scenario that it came from.
type kind interface {
	read(c check, n *node, to any) // problems go to c; to is left alone where there are any
	write(from any) *node          // canonical
	schema() object                // the part of it that JSON Schema can express
	says() string                  // "a whole number from 1", for messages and the reference
}

// object is a JSON Schema.
type object = map[string]any

// check collects problems on the way down a tree.
type check struct {
	path     string
	pos      Position // of the key or item that path names
	problems *[]Problem
}

// in goes down to an entry.
func (c check) in(key string, pos Position) check {
	if c.path != "" {
		key = c.path + "." + key
	}
	return check{key, pos, c.problems}
}

// say records a problem.
func (c check) say(pos Position, format string, args ...any) {
	*c.problems = append(*c.problems, Problem{pos.File, pos.Line, pos.Column, c.path, fmt.Sprintf(format, args...)})
}

// readAs reads a value, unless the YAML reader has accused it already.
func readAs(k kind, c check, n *node, to any) {
	if !n.broken {
		k.read(c, n, to)
	}
}

// want records that a value is not what its kind says.
func (c check) want(n *node, k kind) {
	c.say(n.pos, "%s was expected, found %s", k.says(), n.found())
}

// text is one piece of text. Numbers and truth values must be quoted to be text.
type text struct {
	what string // "a folder"
	name bool   // lower case, digits, dashes
}

func (k text) says() string { return k.what }

func (k text) schema() object {
	s := object{"type": "string", "minLength": 1}
	if k.name {
		s["maxLength"] = maxName
		s["pattern"] = "^[a-z0-9][a-z0-9-]*$"
	}
	return s
}

func (k text) read(c check, n *node, to any) {
	s, ok := readText(c, n, k)
	if !ok {
		return
	}
	if k.name && !checkName(c, n.pos, s) {
		return
	}
	*to.(*string) = s
}

func (k text) write(from any) *node { return textNode(*from.(*string)) }

func readText(c check, n *node, k kind) (string, bool) {
	if n.shape != scalar || n.isNull() {
		if n.shape == mapping && len(n.pairs) == 1 && n.pairs[0].value.isNull() { // a template that begins with a column
			c.say(n.pos, "%s was expected, found a map; write \"{%s}\" in quotes if it is text", k.says(), n.pairs[0].key)
			return "", false
		}
		c.want(n, k)
		return "", false
	}
	if !n.quoted {
		_, number := parseReal(n.text)
		_, flag := parseFlag(n.text)
		if number || flag {
			c.say(n.pos, "%s was expected, found %s; write %q in quotes if it is text", k.says(), n.found(), n.text)
			return "", false
		}
	}
	if n.text == "" {
		c.say(n.pos, "%s was expected, found empty text", k.says())
		return "", false
	}
	return n.text, true
}

// maxName is how long a name may be: it becomes part of addresses and of the names of folders.
const maxName = 64

// checkName says what is wrong with a name.
func checkName(c check, pos Position, s string) bool {
	switch {
	case !isName(s):
		c.say(pos, "a name of lower-case letters, digits and dashes was expected, found %q%s", s, suggestName(s))
	case len(s) > maxName:
		c.say(pos, "a name of at most %d letters, digits and dashes was expected, found one of %d", maxName, len(s))
	default:
		return true
	}
	return false
}

func isName(s string) bool {
	for i, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && (r != '-' || i == 0) {
			return false
		}
	}
	return s != ""
}

// suggestName makes a name of what was written, where that is easy.
func suggestName(s string) string {
	t := strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' || r == '.' {
			return '-'
		}
		return r
	}, strings.ToLower(s))
	if !isName(t) {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", t)
}

// choice is one word of a few. Words that mean what another word says are refused by name.
type choice struct {
	words []string
	here  map[string]string // word of elsewhere: how it is said here
}

func (k choice) says() string {
	q := make([]string, len(k.words))
	for i, w := range k.words {
		q[i] = strconv.Quote(w)
	}
	if len(q) == 1 {
		return q[0]
	}
	return strings.Join(q[:len(q)-1], ", ") + " or " + q[len(q)-1]
}

func (k choice) schema() object { return object{"enum": k.words} }

func (k choice) read(c check, n *node, to any) {
	s, ok := readText(c, n, k)
	switch {
	case !ok:
	case slices.Contains(k.words, s):
		*to.(*string) = s
	case k.here[s] != "":
		c.say(n.pos, "%q is said otherwise: %s", s, k.here[s])
	default:
		c.say(n.pos, "%s was expected, found %q%s", k.says(), s, suggest.DidYouMean(s, k.words))
	}
}

func (k choice) write(from any) *node { return textNode(*from.(*string)) }
