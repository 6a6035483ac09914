package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/sim/suggest"
)

// Laying is how --set and `vary` change a tree. Records, maps of named entries and
// parameters are laid entry over entry; everything else (numbers, lists, shares, splits)
// is one value and is replaced whole. An empty map changes nothing, null takes a word
// away, and a word that says of which sort a record is replaces its rivals and what
// belonged to them: `hf` laid over a `recipe` leaves a base of kind hf.

// inside is the kind of what stands under a key or index of this kind, nil if nothing can.
func inside(k kind, segment string) kind {
	switch k := k.(type) {
	case *record:
		if f := k.field(segment); f != nil {
			return f.kind
		}
	case interface{ inner() kind }:
		return k.inner()
	}
	return nil
}

// inner is implemented by kinds whose entries are all of one kind.
func (k listOf[T]) inner() kind { return k.of }
func (k named[T]) inner() kind  { return k.of }
func (k texts) inner() kind     { return text{what: "a word"} }
func (k values) inner() kind    { return text{what: "a parameter"} }
func (rankShares) inner() kind  { return anyShare }
func (deviceShares) inner() kind {
	return anyShare
}

// asRecord is the record of a kind whose maps are laid word by word.
func asRecord(k kind) *record {
	switch k := k.(type) {
	case *record:
		return k
	case interface{ table() *record }:
		return k.table()
	}
	return nil
}

func (k maybe[T]) table() *record { return k.record }

// merges says that a map of this kind is laid entry over entry.
func merges(k kind) bool {
	if asRecord(k) != nil {
		return true
	}
	switch k := k.(type) {
	case values:
		return true
	case interface{ entries() bool }:
		return k.entries()
	}
	return false
}

func (k named[T]) entries() bool { return true }

// lay is base with over laid on it.
func lay(k kind, base, over *node) *node {
	switch {
	case over.shape == mapping && len(over.pairs) == 0 && base != nil:
		return base
	case over.shape != mapping || base == nil || base.shape != mapping || !merges(k):
		return over
	}
	out := base
	for _, p := range over.pairs {
		out = layEntry(k, out, p)
	}
	return out
}

func layEntry(k kind, base *node, p pair) *node {
	if p.value.isNull() {
		return base.with(p.key, p.pos, nil)
	}
	rec := asRecord(k)
	var in kind = values{}
	if rec != nil {
		in = inside(rec, p.key)
		base = rec.dropRivals(base, p.key)
	} else if i := inside(k, p.key); i != nil {
		in = i
	}
	value := p.value
	if old := base.get(p.key); old != nil {
		value = lay(in, old, value)
	}
	return base.with(p.key, p.pos, value)
}

// dropRivals takes away the other words of one, and what belongs to them only.
func (k *record) dropRivals(n *node, key string) *node {
	if !slices.Contains(k.one, key) {
		return n
	}
	for _, p := range n.pairs {
		f := k.field(p.key)
		if f != nil && p.key != key && (slices.Contains(k.one, p.key) || !f.owner(key)) {
			n = n.with(p.key, p.pos, nil)
		}
	}
	return n
}

// layAt is root with over laid at a dotted path; every step must be there or be a word
// that can be. The error says which step is not, and what it could have been.
func layAt(k kind, base *node, path []string, pos Position, over *node) (*node, error) {
	if len(path) == 0 {
		return lay(k, base, over), nil
	}
	head := path[0]
	if e, ok := k.(either); ok {
		k = e.record
		if base != nil && base.shape != mapping {
			base = nil // a word such as iid gives way to a map
		}
	}
	if s, ok := k.(short); ok {
		if base != nil && base.shape != mapping {
			return nil, fmt.Errorf("it has no %q: %s stands there; write a map in its place", head, base.found())
		}
		k = s.record
	}
	if rec := asRecord(k); rec != nil {
		return layWord(rec, base, path, pos, over)
	}
	in := inside(k, head)
	switch {
	case in == nil:
		return nil, fmt.Errorf("%s has nothing inside, so it has no %q", strings.TrimSuffix(k.says(), ","), head)
	case base != nil && base.shape == listing:
		i, err := strconv.Atoi(head)
		if err != nil || i < 0 || i >= len(base.items) {
			return nil, fmt.Errorf("%q is not one of its entries, which are 0 to %d", head, len(base.items)-1)
		}
		item, err := layAt(in, base.items[i], path[1:], pos, over)
		if err != nil {
			return nil, err
		}
		return base.withItem(i, item), nil
	case base != nil && base.shape != mapping:
		return nil, fmt.Errorf("it has no %q: %s stands there", head, base.found())
	}
	if _, names := k.(interface{ entries() bool }); names && base.get(head) == nil {
		return nil, fmt.Errorf("%q is not defined%s", head, orKnown(head, base))
	}
	return layUnder(in, base, path, pos, over)
}

// layWord goes on under a word of a record.
func layWord(rec *record, base *node, path []string, pos Position, over *node) (*node, error) {
	f := rec.field(path[0])
	if f == nil {
		tail := suggest.DidYouMean(path[0], rec.words())
		if tail == "" {
			tail = "; known are " + strings.Join(rec.words(), ", ")
		}
		return nil, fmt.Errorf("%q is not a word of %s%s", path[0], rec.name, tail)
	}
	if base != nil && base.shape == mapping {
		base = rec.dropRivals(base, path[0])
	}
	return layUnder(f.kind, base, path, pos, over)
}

// layUnder lays over under the first step of path, which the caller has checked.
func layUnder(in kind, base *node, path []string, pos Position, over *node) (*node, error) {
	if base == nil || base.shape != mapping {
		base = &node{shape: mapping, pos: pos}
	}
	if len(path) == 1 && over.isNull() {
		return base.with(path[0], pos, nil), nil
	}
	value, err := layAt(in, base.get(path[0]), path[1:], pos, over)
	if err != nil {
		return nil, err
	}
	if old := base.entry(path[0]); old != nil && len(path) > 1 {
		pos = old.pos // a step on the way stays where it was written
	}
	return base.with(path[0], pos, value), nil
}

func orKnown(word string, n *node) string {
	if n == nil {
		return ""
	}
	if s := suggest.DidYouMean(word, n.keys()); s != "" {
		return s
	}
	return "; known are " + strings.Join(n.keys(), ", ")
}
