package scenario

import "strconv"

// perKind is "task", or how many participants live inside each of another pool.
type perKind struct{}

// innerCount bounds how many live in one participant.
var innerCount = whole{1, 1 << 20}

func (perKind) says() string { return `"task", or a whole number beside "of",` }

func (perKind) schema() object {
	return object{"anyOf": []any{choice{words: []string{"task"}}.schema(), innerCount.schema()}}
}

func (k perKind) read(c check, n *node, to any) {
	per := to.(*Per)
	switch {
	case n.shape != scalar:
		c.want(n, k)
	case n.text == "task":
		per.Kind = n.text
	case n.text == "attribute" && !n.quoted:
		c.say(n.pos, `"attribute" is said otherwise: write count, one for each name in the data's groups, and split: {drawn: n}, n being as many as there are training examples`)
	case wholeForm.MatchString(n.text):
		innerCount.read(c, n, &per.N)
	default:
		c.want(n, k)
	}
}

func (perKind) write(from any) *node {
	per := from.(*Per)
	if per.Kind != "" {
		return textNode(per.Kind)
	}
	return plainNode(strconv.Itoa(per.N))
}
