package scenario

import (
	"fmt"
	"maps"
	"slices"

	"github.com/loramesh/loramesh/sim/suggest"
)

// values is `with`: parameters whose names and kinds a method's card or a generator knows,
// into a map[string]any of int, float64, bool, string and []any of these. 1 is an int,
// 1.0 and 1e-3 are float64: who asks for a float takes either.
type values struct{}

func (values) says() string { return "a map of parameters" }

func (values) schema() object {
	one := object{"type": []string{"number", "boolean", "string"}}
	return object{"type": "object", "additionalProperties": object{"anyOf": []any{one, object{"type": "array", "items": one}}}}
}

func (k values) read(c check, n *node, to any) {
	if n.shape != mapping {
		c.want(n, k)
		return
	}
	out := map[string]any{}
	for _, p := range n.pairs {
		out[p.key] = k.value(c.in(p.key, p.pos), p.value, true)
	}
	*to.(*map[string]any) = out
}

func (k values) value(c check, n *node, lists bool) any {
	switch {
	case n.shape == listing && lists:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = k.value(c, item, false)
		}
		return out
	case n.shape != scalar || n.isNull():
		c.say(n.pos, "a number, text, true, false or a list of these was expected, found %s", n.found())
		return nil
	case n.quoted:
		return n.text
	}
	if v, ok := parseWhole(n.text); ok && int64(int(v)) == v {
		return int(v)
	}
	if v, ok := parseFlag(n.text); ok {
		return v
	}
	if v, ok := parseReal(n.text); ok {
		return v
	}
	if digitForm.MatchString(n.text) {
		c.say(n.pos, "a number was expected, found %q%s; if it is text, quote it", n.text, zeroHint(n.text))
	}
	return n.text
}

func (k values) write(from any) *node {
	m := *from.(*map[string]any)
	out := &node{shape: mapping}
	for _, key := range sortedKeys(m) {
		out.pairs = append(out.pairs, pair{key: key, value: valueNode(m[key])})
	}
	return out
}

// valueNode writes one parameter. Values come from read, or from a card's defaults, so
// another type is a fault of ours.
func valueNode(v any) *node {
	switch v := v.(type) {
	case int:
		return wholeNode(int64(v))
	case float64:
		return realNode(v)
	case bool:
		return plainNode(fmt.Sprint(v))
	case string:
		return textNode(v)
	case []float64:
		items := make([]*node, len(v))
		for i := range v {
			items[i] = realNode(v[i])
		}
		return listNode(items)
	case []any:
		items := make([]*node, len(v))
		for i := range v {
			items[i] = valueNode(v[i])
		}
		return listNode(items)
	}
	panic(fmt.Sprintf("scenario: a parameter is %T; it can be int, float64, bool, string or a list", v))
}

// texts is a map from words to words, into a map[string]string.
type texts struct {
	what  string
	known []string // none: any key
}

func (k texts) says() string { return k.what }

func (k texts) schema() object {
	s := object{"type": "object", "additionalProperties": object{"type": "string", "minLength": 1}}
	if len(k.known) > 0 {
		s["propertyNames"] = object{"enum": k.known}
	}
	return s
}

func (k texts) read(c check, n *node, to any) {
	if n.shape != mapping {
		c.want(n, k)
		return
	}
	out := map[string]string{}
	for _, p := range n.pairs {
		in := c.in(p.key, p.pos)
		if len(k.known) > 0 && !slices.Contains(k.known, p.key) {
			in.say(p.pos, "%s was expected, found %q%s", choice{words: k.known}.says(), p.key, suggest.DidYouMean(p.key, k.known))
		}
		if s, ok := readText(in, p.value, text{what: "a word"}); ok {
			out[p.key] = s
		}
	}
	*to.(*map[string]string) = out
}

func (k texts) write(from any) *node {
	m := *from.(*map[string]string)
	out := &node{shape: mapping, flow: true}
	for _, key := range sortedKeys(m) {
		out.pairs = append(out.pairs, pair{key: key, value: textNode(m[key])})
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
