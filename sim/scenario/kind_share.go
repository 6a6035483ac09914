package scenario

import (
	"cmp"
	"slices"
)

// rankShares is `rank: 8` or `rank: {16: 1, 8: 2}`, into a []Share, largest rank first.
type rankShares struct{}

var (
	anyRank  = whole{min: 1, max: 1 << 16}
	anyShare = real{above: true, max: 1e9}
)

func (rankShares) says() string { return "a rank, or a map from ranks to shares as {16: 1, 8: 2}," }

func (rankShares) schema() object {
	return object{"anyOf": []any{
		anyRank.schema(),
		object{"type": "object", "minProperties": 1, "additionalProperties": anyShare.schema(),
			"propertyNames": object{"pattern": "^[1-9][0-9]*$"}},
	}}
}

func (k rankShares) read(c check, n *node, to any) {
	out := []Share{{Share: 1}}
	switch {
	case n.shape == scalar && digitForm.MatchString(n.text):
		anyRank.read(c, n, &out[0].Rank)
	case n.shape == mapping && len(n.pairs) > 0:
		out = make([]Share, len(n.pairs))
		for i, p := range n.pairs {
			in := c.in(p.key, p.pos)
			anyRank.read(in, &node{text: p.key, pos: p.pos}, &out[i].Rank)
			anyShare.read(in, p.value, &out[i].Share)
		}
	default:
		c.want(n, k)
		return
	}
	slices.SortFunc(out, func(a, b Share) int { return cmp.Compare(b.Rank, a.Rank) })
	*to.(*[]Share) = out
}

func (rankShares) write(from any) *node {
	list := *from.(*[]Share)
	if len(list) == 1 {
		return wholeNode(int64(list[0].Rank))
	}
	out := &node{shape: mapping, flow: true}
	for _, s := range list {
		out.pairs = append(out.pairs, pair{key: wholeNode(int64(s.Rank)).text, value: shareNode(s.Share)})
	}
	return out
}

// deviceShares is `device: phone`, `device: {phone: 4, laptop: 2}`, or a list of devices
// whose shares are their own, into a []Share in order of the names.
type deviceShares struct{}

func (deviceShares) says() string {
	return "a device, a list of devices, or a map from devices to shares"
}

func (deviceShares) schema() object {
	name := text{name: true}.schema()
	return object{"anyOf": []any{
		name,
		object{"type": "array", "items": name, "minItems": 1},
		object{"type": "object", "minProperties": 1, "additionalProperties": anyShare.schema()},
	}}
}

func (k deviceShares) read(c check, n *node, to any) {
	var out []Share
	word := text{what: "the name of a device"}
	switch {
	case n.shape == scalar:
		out = []Share{{Share: 1}}
		word.read(c, n, &out[0].Name)
	case n.shape == listing && len(n.items) > 0:
		out = make([]Share, len(n.items)) // shares: see references.go
		for i, item := range n.items {
			word.read(c, item, &out[i].Name)
		}
	case n.shape == mapping && len(n.pairs) > 0:
		out = make([]Share, len(n.pairs))
		for i, p := range n.pairs {
			out[i].Name = p.key
			anyShare.read(c.in(p.key, p.pos), p.value, &out[i].Share)
		}
	default:
		c.want(n, k)
		return
	}
	slices.SortStableFunc(out, func(a, b Share) int { return cmp.Compare(a.Name, b.Name) })
	*to.(*[]Share) = out
}

func (deviceShares) write(from any) *node {
	list := *from.(*[]Share)
	if len(list) == 1 {
		return textNode(list[0].Name)
	}
	out := &node{shape: mapping, flow: true}
	for _, s := range list {
		out.pairs = append(out.pairs, pair{key: s.Name, value: shareNode(s.Share)})
	}
	return out
}

// shareNode writes whole shares, which most are, without a point.
func shareNode(v float64) *node {
	if v == float64(int64(v)) {
		return wholeNode(int64(v))
	}
	return realNode(v)
}
