package scenario

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/suggest"
)

// field is one row of a table: a word of a scenario.
type field struct {
	key  string
	kind kind
	to   func(any) any // where the value lands in the record's Go value
	must bool          // there is no default
	def  string        // default, as YAML
	says string        // default in words, where it depends on other parts
	of   []string      // the words of record.one that it belongs to; none: all
	doc  string
}

// at makes a field's way into a Go value from a typed one.
func at[T any](f func(*T) any) func(any) any { return func(x any) any { return f(x.(*T)) } }

// record is a map with known words.
type record struct {
	name   string // "a device"
	doc    string
	fields []field
	one    []string // exactly one of these words says of which sort it is
}

func (k *record) says() string { return "a map (" + k.name + ")" }

func (k *record) field(key string) *field {
	for i := range k.fields {
		if k.fields[i].key == key {
			return &k.fields[i]
		}
	}
	return nil
}

// words are its words, in order.
func (k *record) words() []string {
	var out []string
	for _, f := range k.fields {
		out = append(out, f.key)
	}
	return out
}

func (k *record) read(c check, n *node, to any) {
	if n.shape != mapping {
		c.want(n, k)
		return
	}
	k.unknown(c, n)
	chosen := k.choose(c, n)
	for _, f := range k.fields {
		if f.to == nil {
			continue
		}
		value := n.get(f.key)
		if value != nil {
			k.owned(c, n, f, chosen)
			readAs(f.kind, c.in(f.key, n.entry(f.key).pos), value, f.to(to))
			continue
		}
		switch {
		case f.must && f.owner(chosen):
			if !k.misspelt(n, f.key) {
				c.say(c.pos, "%s needs %q, %s%s", k.name, f.key, strings.TrimSuffix(f.kind.says(), ","), c.bySet(f.key))
			}
		case f.def != "" && f.owner(chosen):
			f.kind.read(c.in(f.key, c.pos), f.fallback(), f.to(to))
		}
	}
}

// misspelt says that a word is there under a name that suggests it.
func (k *record) misspelt(n *node, key string) bool {
	return slices.ContainsFunc(n.pairs, func(p pair) bool {
		return k.field(p.key) == nil && suggest.Word(p.key, k.words()) == key
	})
}

// bySet is the cure for what is missing.
func (c check) bySet(key string) string {
	if c.path == "" {
		return "" // whole sections are written, not set
	}
	return "; give it here or by --set " + c.path + "." + key + "=…"
}

// fallback is the default as a tree. A table whose default is not YAML is a fault of ours.
func (f field) fallback() *node {
	n, ps := parseYAML("default of "+f.key, []byte(f.def))
	if len(ps) > 0 {
		panic(fmt.Sprintf("scenario: default %q of %q: %v", f.def, f.key, ps[0]))
	}
	return n
}

// owner says that the field belongs to records of this sort.
func (f field) owner(chosen string) bool {
	return len(f.of) == 0 || slices.Contains(f.of, chosen)
}

func (k *record) unknown(c check, n *node) {
	for _, p := range n.pairs {
		if k.field(p.key) != nil {
			continue
		}
		tail := suggest.DidYouMean(p.key, k.words())
		if tail == "" {
			tail = "; known are " + strings.Join(k.words(), ", ")
		}
		c.in(p.key, p.pos).say(p.pos, "%q is not a word of %s%s", p.key, k.name, tail)
	}
}

// choose is the word of one that the map has. None or several is a problem.
func (k *record) choose(c check, n *node) string {
	if len(k.one) == 0 {
		return ""
	}
	var have []string
	for _, w := range k.one {
		if n.get(w) != nil {
			have = append(have, w)
		}
	}
	known := choice{words: k.one}.says()
	switch {
	case len(have) > 1:
		c.say(n.entry(have[1]).pos, "%s has one of %s, this has %q and %q; leave one out", k.name, known, have[0], have[1])
	case len(have) == 1:
		return have[0]
	case slices.ContainsFunc(k.one, func(w string) bool { return k.misspelt(n, w) }):
	default:
		c.say(c.pos, "%s needs one of %s%s", k.name, known, c.bySet(k.one[0]))
	}
	return ""
}

// owned accuses a word that belongs to another sort of record.
func (k *record) owned(c check, n *node, f field, chosen string) {
	if chosen == "" || f.owner(chosen) {
		return
	}
	p := n.entry(f.key)
	c.in(f.key, p.pos).say(p.pos, "%q belongs to %s, and this has %q; leave one of them out", f.key, choice{words: f.of}.says(), chosen)
}

func (k *record) write(from any) *node { return k.writeAs(from, k.sort(from)) }

// sort is the word of one that a Go value has.
func (k *record) sort(from any) string {
	for _, w := range k.one {
		if !empty(k.field(w).to(from)) {
			return w
		}
	}
	return ""
}

// writeAs writes every word that has a value or a default.
func (k *record) writeAs(from any, chosen string) *node {
	out := &node{shape: mapping}
	for _, f := range k.fields {
		if f.to == nil || !f.owner(chosen) || slices.Contains(k.one, f.key) && f.key != chosen {
			continue
		}
		if to := f.to(from); f.must || f.def != "" || !empty(to) {
			out.pairs = append(out.pairs, pair{key: f.key, value: f.kind.write(to)})
		}
	}
	return out
}

// empty says that a pointer's value is zero, or a list or map without entries.
func empty(to any) bool {
	v := reflect.ValueOf(to).Elem()
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}
