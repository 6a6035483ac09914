package scenario

import (
	"cmp"
	"slices"
	"strconv"
)

// maybe is a record behind a pointer that is nil where the word is absent.
type maybe[T any] struct{ *record }

func (k maybe[T]) read(c check, n *node, to any) {
	p := to.(**T)
	*p = new(T)
	k.record.read(c, n, *p)
}

func (k maybe[T]) write(from any) *node { return k.record.write(*from.(**T)) }

// listOf is a list of values of one kind, into a []T.
type listOf[T any] struct {
	of  kind
	min int
}

func (k listOf[T]) says() string { return "a list" }

func (k listOf[T]) schema() object {
	return object{"type": "array", "items": k.of.schema(), "minItems": k.min}
}

func (k listOf[T]) read(c check, n *node, to any) {
	if n.shape != listing {
		c.say(n.pos, "a list was expected, found %s; write it as [ … ] or with a dash a line", n.found())
		return
	}
	if len(n.items) < k.min {
		c.say(n.pos, "a list of at least %d was expected, found an empty one", k.min)
		return
	}
	out := make([]T, len(n.items))
	for i, item := range n.items {
		readAs(k.of, c.in(strconv.Itoa(i), item.pos), item, &out[i])
	}
	*to.(*[]T) = out
}

func (k listOf[T]) write(from any) *node {
	list := *from.(*[]T)
	items := make([]*node, len(list))
	for i := range list {
		items[i] = k.of.write(&list[i])
	}
	return listNode(items)
}

// named is a map from names to records, into a []T in order of the names.
type named[T any] struct {
	of   *record
	name func(*T) *string
}

func (k named[T]) says() string { return "a map from names to " + k.of.name + " each" }

func (k named[T]) schema() object {
	return object{
		"type": "object", "additionalProperties": k.of.schema(), "minProperties": 1,
		"propertyNames": text{name: true}.schema(),
	}
}

func (k named[T]) read(c check, n *node, to any) {
	if n.shape != mapping || len(n.pairs) == 0 {
		c.want(n, k)
		return
	}
	out := make([]T, len(n.pairs))
	for i, p := range n.pairs {
		in := c.in(p.key, p.pos)
		*k.name(&out[i]) = p.key
		checkName(in, p.pos, p.key)
		readAs(k.of, in, p.value, &out[i])
	}
	slices.SortFunc(out, func(a, b T) int { return cmp.Compare(*k.name(&a), *k.name(&b)) })
	*to.(*[]T) = out
}

func (k named[T]) write(from any) *node {
	list := *from.(*[]T)
	out := &node{shape: mapping}
	for i := range list {
		out.pairs = append(out.pairs, pair{key: *k.name(&list[i]), value: k.of.write(&list[i])})
	}
	return out
}
