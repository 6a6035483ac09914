package tokenizer

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// cursor walks through JSON that encoding/json has found well-formed. It is for the two parts
// of a file that are long, vocab and merges, where a call of encoding/json for every entry took
// as long as all else in [Parse] that reads.
type cursor struct {
	text string
	at   int
}

// next returns the first byte of what comes next, and leaves it there; 0 at the end.
func (c *cursor) next() byte {
	for ; c.at < len(c.text); c.at++ {
		switch b := c.text[c.at]; b {
		case ' ', '\t', '\r', '\n', ',', ':': // in well-formed JSON they tell nothing
		default:
			return b
		}
	}
	return 0
}

// open goes into an object or a list, which begins with b; ok is false where none is.
func (c *cursor) open(b byte) (ok bool) {
	if c.next() != b {
		return false
	}
	c.at++
	return true
}

// more says whether an object or list, which ends with b, goes on; else it is left.
func (c *cursor) more(b byte) bool {
	if next := c.next(); next != b && next != 0 {
		return true
	}
	c.at++
	return false
}

// quoted returns a string, which comes next, as it is written.
func (c *cursor) quoted() string {
	from := c.at
	for c.at++; c.at < len(c.text); c.at++ {
		switch c.text[c.at] {
		case '\\':
			c.at++
		case '"':
			c.at++
			return c.text[from:c.at]
		}
	}
	return c.text[from:]
}

// str reads a string. It shares the memory of the text, unless it is written with escapes.
func (c *cursor) str() (s string, err error) {
	if c.next() != '"' {
		return "", errors.New("expected a string")
	}
	raw := c.quoted()
	if !strings.Contains(raw, `\`) && utf8.ValidString(raw) {
		return strings.Trim(raw, `"`), nil
	}
	err = json.Unmarshal([]byte(raw), &s)
	return s, err
}

// value returns what comes next as it is written.
func (c *cursor) value() string {
	open := c.next()
	from := c.at
	if open != '"' && open != '{' && open != '[' {
		end := strings.IndexAny(c.text[from:], ",]} \t\r\n")
		if end < 0 {
			end = len(c.text) - from
		}
		c.at += end
		return c.text[from:c.at]
	}
	for depth := 0; c.at < len(c.text); {
		switch c.text[c.at] {
		case '"':
			c.quoted()
		case '{', '[':
			depth++
			c.at++
		case '}', ']':
			depth--
			c.at++
		default:
			c.at++
		}
		if depth == 0 {
			break
		}
	}
	return c.text[from:c.at]
}

// lift takes long members out of an object, so that encoding/json need not go through them.
func lift(object json.RawMessage, names ...string) (rest json.RawMessage, long map[string]json.RawMessage) {
	c := cursor{text: string(object)}
	if !c.open('{') {
		return object, nil
	}
	rest, long = json.RawMessage("{"), map[string]json.RawMessage{}
	for c.more('}') {
		key, value := c.value(), c.value()
		if name := strings.Trim(key, `"`); slices.Contains(names, name) {
			long[name] = json.RawMessage(value)
			continue
		}
		if len(rest) > 1 {
			rest = append(rest, ',')
		}
		rest = append(append(append(rest, key...), ':'), value...)
	}
	return append(rest, '}'), long
}

// number reads an id: digits and nothing else, small enough for an int32.
func (c *cursor) number() (n int64, ok bool) {
	c.next()
	from := c.at
	for ; c.at < len(c.text) && '0' <= c.text[c.at] && c.text[c.at] <= '9'; c.at++ {
		if n = 10*n + int64(c.text[c.at]-'0'); n > 1<<31-1 {
			c.at = from
			return 0, false
		}
	}
	if c.at == from || c.at < len(c.text) && strings.IndexByte(" \t\r\n,}", c.text[c.at]) < 0 {
		c.at = from
		return 0, false
	}
	return n, true
}
