package scenario

// short is a map that may be written as a word where no more is to be said: `tasks: domain`
// for `tasks: {by: domain}`.
type short struct {
	word kind
	to   func(any) any // where the word lands
	*record
}

func (k short) says() string { return k.word.says() }

func (k short) schema() object {
	return object{"anyOf": []any{k.word.schema(), k.record.schema()}}
}

func (k short) read(c check, n *node, to any) {
	if n.shape == mapping {
		k.record.read(c, n, to)
		return
	}
	k.word.read(c, n, k.to(to))
}

// write writes the word if the word says it all.
func (k short) write(from any) *node {
	word := k.to(from)
	for _, f := range k.fields {
		if to := f.to(from); to != word && !empty(to) {
			out := k.record.write(from)
			out.flow = true
			return out
		}
	}
	return k.word.write(word)
}

// offersKind is a map from pools to offers, into a map[string]Offer.
type offersKind struct{}

func (offersKind) says() string { return "a map from pools to offers, as {client: {draw: 5}}," }

func (offersKind) schema() object {
	return object{"type": "object", "minProperties": 1, "additionalProperties": offerKind.schema()}
}

func (k offersKind) read(c check, n *node, to any) {
	if n.shape != mapping || len(n.pairs) == 0 {
		c.want(n, k)
		return
	}
	out := map[string]Offer{}
	for _, p := range n.pairs {
		var o Offer
		readAs(offerKind, c.in(p.key, p.pos), p.value, &o)
		out[p.key] = o
	}
	*to.(*map[string]Offer) = out
}

func (offersKind) write(from any) *node {
	m := *from.(*map[string]Offer)
	out := &node{shape: mapping, flow: true}
	for _, key := range sortedKeys(m) {
		o := m[key]
		out.pairs = append(out.pairs, pair{key: key, value: offerKind.write(&o)})
	}
	return out
}
