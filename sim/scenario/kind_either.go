package scenario

import "slices"

// either is a word, or a map that has such a word as key with its value: `split: iid`,
// `split: {dirichlet: 0.5, by: topic}`. The Go value keeps the word and what came with it.
type either struct {
	words choice
	kind  func(any) *string // where the word lands
	*record
}

func (k either) says() string {
	var maps []string
	for _, w := range k.one {
		maps = append(maps, "{"+w+": …}")
	}
	if len(maps) == 0 {
		return k.words.says()
	}
	return k.words.says() + " or " + (choice{words: maps}).bare()
}

// bare is says without the quotes.
func (k choice) bare() string {
	out := ""
	for i, w := range k.words {
		if i > 0 {
			out += " or "
		}
		out += w
	}
	return out
}

func (k either) schema() object {
	any := []any{k.words.schema()}
	if len(k.one) > 0 {
		any = append(any, k.record.schema())
	}
	return object{"anyOf": any}
}

func (k either) read(c check, n *node, to any) {
	switch n.shape {
	case scalar:
		if k.record.field(n.text) != nil && !n.quoted && !slices.Contains(k.words.words, n.text) && k.words.here[n.text] == "" {
			c.say(n.pos, "%q needs a value: write {%s: …}", n.text, n.text)
			return
		}
		k.words.read(c, n, k.kind(to))
	case mapping:
		k.record.read(c, n, to)
		for _, w := range k.one {
			if n.get(w) != nil {
				*k.kind(to) = w
			}
		}
	default:
		c.want(n, k)
	}
}

func (k either) write(from any) *node {
	word := *k.kind(from)
	if !slices.Contains(k.one, word) || empty(k.record.field(word).to(from)) {
		return textNode(word)
	}
	out := k.record.writeAs(from, word)
	out.flow = true
	return out
}
