package scenario

import (
	"strconv"
	"strings"
)

// shape is what a node is.
type shape int

const (
	scalar shape = iota
	mapping
	listing
)

func (s shape) String() string {
	return [...]string{"a value", "a map", "a list"}[s]
}

// node is a YAML tree with places, free of the parser's types. Trees are shared between
// documents and never written to once built: a change copies the way from the root.
type node struct {
	shape  shape
	text   string // of a scalar
	quoted bool   // the text was quoted or a block: it is text whatever it looks like
	flow   bool   // a map that is written on one line
	broken bool   // the YAML reader has accused it: not read further
	pos    Position
	items  []*node // of a list
	pairs  []pair  // of a map, as written
}

// pair is one entry of a map.
type pair struct {
	key   string
	pos   Position // of the key
	value *node
}

// get is the value under a key, or nil.
func (n *node) get(key string) *node {
	if p := n.entry(key); p != nil {
		return p.value
	}
	return nil
}

func (n *node) entry(key string) *pair {
	if n == nil || n.shape != mapping {
		return nil
	}
	for i := range n.pairs {
		if n.pairs[i].key == key {
			return &n.pairs[i]
		}
	}
	return nil
}

// keys are the words of a map, as written.
func (n *node) keys() []string {
	out := make([]string, len(n.pairs))
	for i, p := range n.pairs {
		out[i] = p.key
	}
	return out
}

// with is a copy in which key has this value; a nil value takes the key away.
func (n *node) with(key string, pos Position, value *node) *node {
	out := *n
	out.pairs = make([]pair, 0, len(n.pairs)+1)
	found := false
	for _, p := range n.pairs {
		if p.key == key {
			found = true
			if value == nil {
				continue
			}
			p = pair{key, pos, value}
		}
		out.pairs = append(out.pairs, p)
	}
	if !found && value != nil {
		out.pairs = append(out.pairs, pair{key, pos, value})
	}
	return &out
}

// withItem is a copy in which item i is another.
func (n *node) withItem(i int, value *node) *node {
	out := *n
	out.items = append([]*node(nil), n.items...)
	out.items[i] = value
	return &out
}

// isNull says that nothing stands here: an empty value, ~ or null.
func (n *node) isNull() bool {
	return n.shape == scalar && !n.quoted && (n.text == "" || n.text == "~" || n.text == "null")
}

// step goes down one segment of a path: a key, or an index of a list. The position is
// the key's, or the item's.
func (n *node) step(segment string) (*node, Position, bool) {
	if n == nil {
		return nil, Position{}, false
	}
	switch n.shape {
	case mapping:
		if p := n.entry(segment); p != nil {
			return p.value, p.pos, true
		}
	case listing:
		if i, err := strconv.Atoi(segment); err == nil && i >= 0 && i < len(n.items) {
			return n.items[i], n.items[i].pos, true
		}
	}
	return nil, Position{}, false
}

// at is the position of the deepest part of a dotted path that is written, so that a
// default can be accused at the entry that it belongs to. The root answers for the rest.
func (n *node) at(path string) Position {
	pos := n.pos
	if path == "" {
		return pos
	}
	for s := range strings.SplitSeq(path, ".") {
		next, p, ok := n.step(s)
		if !ok {
			break
		}
		n, pos = next, p
	}
	return pos
}

// find is the node at a dotted path, or nil.
func (n *node) find(path string) *node {
	for s := range strings.SplitSeq(path, ".") {
		next, _, ok := n.step(s)
		if !ok {
			return nil
		}
		n = next
	}
	return n
}
