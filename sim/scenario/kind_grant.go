package scenario

import (
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/suggest"
)

// grantsKind is a map from needs to how much of each is allowed, into a []Grant in order of
// the needs: all, a number of examples from 1 on, or a share below 1.
type grantsKind struct{}

var amount = real{above: true, max: 1e12}

func (grantsKind) says() string {
	return "a map from needs to all, a number of examples, or a share below 1"
}

func (grantsKind) names() []string {
	out := make([]string, len(method.Needs))
	for i, n := range method.Needs {
		out[i] = string(n)
	}
	return out
}

func (k grantsKind) schema() object {
	return object{"type": "object", "minProperties": 1, "propertyNames": object{"enum": k.names()},
		"additionalProperties": object{"anyOf": []any{object{"enum": []string{"all"}}, amount.schema()}}}
}

func (k grantsKind) read(c check, n *node, to any) {
	if n.shape != mapping || len(n.pairs) == 0 {
		c.want(n, k)
		return
	}
	out := make([]Grant, len(n.pairs))
	for i, p := range n.pairs {
		in := c.in(p.key, p.pos)
		out[i].Need = p.key
		if !slices.Contains(k.names(), p.key) {
			in.say(p.pos, "%q is no need; there are %s%s", p.key, strings.Join(k.names(), ", "), suggest.DidYouMean(p.key, k.names()))
		}
		if p.value.shape == scalar && p.value.text == "all" {
			out[i].All = true
			continue
		}
		if p.value.shape != scalar || p.value.quoted {
			in.say(p.value.pos, "all, a number of examples, or a share below 1 was expected, found %s", p.value.found())
			continue
		}
		amount.read(in, p.value, &out[i].Amount)
		if x := out[i].Amount; x > 1 && x != float64(int64(x)) {
			in.say(p.value.pos, "a whole number of examples or a share below 1 was expected, found %s", p.value.found())
		}
	}
	slices.SortFunc(out, func(a, b Grant) int { return strings.Compare(a.Need, b.Need) })
	*to.(*[]Grant) = out
}

func (grantsKind) write(from any) *node {
	out := &node{shape: mapping, flow: true}
	for _, g := range *from.(*[]Grant) {
		value := textNode("all")
		if !g.All {
			value = shareNode(g.Amount)
		}
		out.pairs = append(out.pairs, pair{key: g.Need, value: value})
	}
	return out
}
