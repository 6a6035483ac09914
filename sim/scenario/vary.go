package scenario

import (
	"fmt"
	"slices"
	"strings"
)

// What varies is written under `vary`, so that a scenario without it is one trial:
//
//	vary:
//	  zip:                                     # one axis: items go together
//	    method.0: [{use: flora}, {use: fedit}, {use: fedit}]
//	    population.client.rank: [{}, {}, 6]    # {} leaves what stands there
//	  method.0.with.epochs: [1, 2]             # another axis: the product
//	  seed: 1..3                               # a range of whole numbers
//
// An item that is a map is laid over the entry, whose `with` therefore serves all methods
// that take its place: a parameter that one of them does not know is a problem when cards
// are consulted, and belongs into the items of the others: {use: fedit, with: {rank: 8}}.
// {with: {lr: null}} gives a parameter back to its default.

// Axis is one dimension of what a document varies: a path with its items, or, under
// `zip`, several paths whose items go together.
type Axis struct {
	Paths []string
	Items []Item
	Pos   Position

	ranged bool // the items are a range of whole numbers
}

// Item is one place on an axis: settings that are made together.
type Item []Setting

// Setting is a value laid over what stands at a path.
type Setting struct {
	Path  string // "method.0", "seed"
	Value string // canonical YAML on one line
	Label string // for tables: what the item's `label` says, or made from the value; may be empty

	value *node
	pos   Position
}

// maxItems bounds one axis, and sim/plan the product.
const maxItems = 100_000

const axesDoc = "Paths to lists; each item makes a trial. Items that are maps are laid over what stands there, an empty map changes nothing, " +
	"null takes a word away; the rest of the entry stays, and so it is inside `with`: its parameters serve all items that do not give them otherwise. " +
	"Paths multiply, in the order written, the first slowest; those under zip go together item by item. 1..8 is a range of whole numbers. " +
	"An item may carry label, its name in tables: {use: fedit, label: our rival}, or {label: wide, value: 8} where the item is not a map."

// axesKind is `vary` in the schema and the reference. It lands nowhere: a [Document] keeps
// it apart, and what it says is in the settings of each trial.
type axesKind struct{}

func (axesKind) says() string           { return "a map from paths to lists" }
func (axesKind) read(check, *node, any) {}
func (axesKind) write(any) *node        { return nil }

func (axesKind) schema() object {
	one := object{"anyOf": []any{
		object{"type": "array", "minItems": 1},
		object{"type": "string", "pattern": `^[0-9]+\.\.[0-9]+$`},
	}}
	group := object{"type": "object", "additionalProperties": one, "minProperties": 1}
	return object{"type": "object", "additionalProperties": one, "properties": object{
		"zip": object{"anyOf": []any{group, object{"type": "array", "items": group}}},
	}}
}

// readAxes makes axes of `vary`. Paths are checked against the rest of the document.
func readAxes(c check, vary, root *node) []Axis {
	if vary.shape != mapping {
		c.want(vary, axesKind{})
		return nil
	}
	r := &axisReader{root: root, seen: map[string]Position{}}
	var out []Axis
	for _, p := range vary.pairs {
		in := c.in(p.key, p.pos)
		switch {
		case p.key != "zip":
			if items := r.items(in, p); len(items) > 0 {
				out = append(out, Axis{Paths: []string{p.key}, Items: items, Pos: p.pos, ranged: p.value.shape == scalar})
			}
		case p.value.shape == listing:
			for _, group := range p.value.items {
				out = append(out, r.zip(in, group)...)
			}
		default:
			out = append(out, r.zip(in, p.value)...)
		}
	}
	return out
}

type axisReader struct {
	root *node
	seen map[string]Position // of the paths that an axis has
}

// zip makes one axis of several paths.
func (r *axisReader) zip(c check, n *node) []Axis {
	if n.shape != mapping || len(n.pairs) == 0 {
		c.say(n.pos, "a map from paths to lists of one length was expected, found %s", n.found())
		return nil
	}
	axis := Axis{Pos: n.pos}
	for i, p := range n.pairs {
		items := r.items(c.in(p.key, p.pos), p)
		if i == 0 {
			axis.Items = make([]Item, len(items))
		}
		if len(items) == 0 {
			return nil
		}
		if len(items) != len(axis.Items) {
			c.in(p.key, p.pos).say(p.pos, "lists of one length were expected under zip: %q has %d items, %q has %d", n.pairs[0].key, len(axis.Items), p.key, len(items))
			return nil
		}
		axis.Paths = append(axis.Paths, p.key)
		for j := range items {
			axis.Items[j] = append(axis.Items[j], items[j]...)
		}
	}
	return []Axis{axis}
}

// items are the settings of one path, an Item of one setting each.
func (r *axisReader) items(c check, p pair) []Item {
	if other, ok := r.seen[p.key]; ok {
		c.say(p.pos, "%q is varied twice, at %s too; leave one out", p.key, other)
		return nil
	}
	r.seen[p.key] = p.pos
	if _, err := layAt(top, r.root, strings.Split(p.key, "."), p.pos, &node{shape: mapping}); err != nil {
		c.say(p.pos, "%q is no place to vary: %v", p.key, err)
		return nil
	}
	list, ok := itemNodes(c, p.value)
	if !ok {
		return nil
	}
	out := make([]Item, len(list))
	for i, n := range list {
		label, value := takeLabel(n)
		if label == nil {
			out[i] = Item{setting(p.key, value, labelOf(p.key, value))}
			continue
		}
		s, ok := readText(c, label, text{what: "a label"})
		if !ok {
			return nil
		}
		out[i] = Item{setting(p.key, value, s)}
	}
	return out
}

func setting(path string, value *node, label string) Setting {
	return Setting{Path: path, Value: value.inline(), Label: label, value: value, pos: value.pos}
}

// itemNodes are the items of a list or of a range such as 1..8.
func itemNodes(c check, n *node) ([]*node, bool) {
	if n.shape == listing && len(n.items) > 0 {
		return n.items, true
	}
	from, to, ranged := strings.Cut(n.text, "..")
	a, ok1 := parseWhole(from)
	b, ok2 := parseWhole(to)
	switch {
	case n.shape != scalar || !ranged || !ok1 || !ok2:
		c.say(n.pos, "a list of items or a range of whole numbers such as 1..8 was expected, found %s", n.found())
		return nil, false
	case b < a || b-a >= maxItems:
		c.say(n.pos, "a range from the smaller to the larger number, of at most %d, was expected, found %s", maxItems, n.text)
		return nil, false
	}
	out := make([]*node, 0, b-a+1)
	for v := a; v <= b; v++ {
		out = append(out, &node{text: fmt.Sprint(v), pos: n.pos})
	}
	return out, true
}

// takeLabel splits an item into its label and the rest.
func takeLabel(n *node) (label, rest *node) {
	if label = n.get("label"); label == nil {
		return nil, n
	}
	rest = n.with("label", n.pos, nil)
	if len(rest.pairs) == 1 && rest.pairs[0].key == "value" {
		rest = rest.pairs[0].value
	}
	return label, rest
}

// labelOf names an item for tables: "seed=3", "fedit", "fedit rank=8".
func labelOf(path string, n *node) string {
	leaf := path[strings.LastIndex(path, ".")+1:]
	if n.shape != mapping {
		return leaf + "=" + strings.Trim(n.inline(), `"`)
	}
	if slices.ContainsFunc(n.pairs, func(p pair) bool { return !isLeafName(p.key) }) {
		return leaf + "=" + n.inline()
	}
	var parts []string
	for _, p := range n.pairs {
		switch {
		case p.key == "use" && p.value.shape == scalar:
			parts = append(parts, p.value.text)
		case p.value.shape == mapping && len(p.value.pairs) == 0:
		default:
			parts = append(parts, labelOf(p.key, p.value))
		}
	}
	return strings.Join(parts, " ")
}

// isLeafName says that a key is a word of ours or of a method.
func isLeafName(s string) bool {
	return isName(strings.ReplaceAll(s, "_", "-")) && s[0] > '9'
}

// Gives says that the setting has a value at a path, its own or one below.
func (s Setting) Gives(path string) bool {
	rest, under := strings.CutPrefix(path, s.Path+".")
	return path == s.Path || under && s.value.find(rest) != nil
}

// Pos is where the setting's value stands.
func (s Setting) Pos() Position { return s.pos }
