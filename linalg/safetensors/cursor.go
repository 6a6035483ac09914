package safetensors

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// cursor reads the JSON of a header where it lies. Headers are read several times for every
// participant of every round, and encoding/json's tokens, each of them a value behind an
// interface, took longer than a small tensor's own numbers. It knows only what a header
// can hold: objects, strings, and lists of whole numbers. After its first error it finds
// nothing more.
type cursor struct {
	text []byte // valid UTF-8
	at   int
	err  error
}

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// within says what an error is about.
func (c *cursor) within(format string, args ...any) {
	if c.err != nil {
		c.err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), c.err)
	}
}

// next is the next byte that is no white space, which stays where it is; 0 at the end.
func (c *cursor) next() byte {
	for c.at < len(c.text) {
		switch b := c.text[c.at]; b {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return b
		}
	}
	return 0
}

// take insists on a delimiter and goes behind it.
func (c *cursor) take(want byte) {
	if c.err != nil {
		return
	}
	if c.next() != want {
		c.fail("found %s; expected %q", c.found(), string(want))
		return
	}
	c.at++
}

// found is what stands here, for an error.
func (c *cursor) found() string {
	if c.next(); c.at == len(c.text) {
		return "the end"
	}
	rest := c.text[c.at:]
	return strconv.Quote(string(rest[:min(len(rest), 16)]))
}

// more goes on to the next item of a list or an object that shut ends, behind the comma
// before all but the first; false: there is none, and the cursor is behind the end.
func (c *cursor) more(shut byte, first bool) bool {
	switch {
	case c.err != nil:
		return false
	case c.next() == shut:
		c.at++
		return false
	case !first:
		c.take(',')
	}
	return c.err == nil
}

// key reads the name of a member, up to its value; it is part of the header, or like it.
func (c *cursor) key() []byte {
	b := c.string()
	c.take(':')
	return b
}

// string reads a string, which is part of the header unless there are escapes in it. Those are
// rare.
func (c *cursor) string() []byte {
	if c.err != nil {
		return nil
	}
	if c.next() != '"' {
		c.fail("found %s; expected a string", c.found())
		return nil
	}
	begin, plain := c.at, true
	for i := begin + 1; i < len(c.text); i++ {
		switch b := c.text[i]; {
		case b == '\\':
			plain = false
			i++
		case b < ' ':
			c.fail("the byte %#x stands in a string", b)
			return nil
		case b == '"':
			c.at = i + 1
			if plain {
				return c.text[begin+1 : i]
			}
			var s string
			c.err = json.Unmarshal(c.text[begin:c.at], &s)
			return []byte(s)
		}
	}
	c.fail("a string has no end")
	return nil
}

// counts reads a list of whole numbers from 0 up, behind those in ns.
func (c *cursor) counts(ns []int) []int {
	c.take('[')
	for first := true; c.more(']', first); first = false {
		c.next()
		begin := c.at
		for c.at < len(c.text) && isNumeral(c.text[c.at]) {
			c.at++
		}
		numeral := c.text[begin:c.at]
		if len(numeral) == 0 {
			c.fail("found %s; expected a whole number", c.found())
			break
		}
		n, err := strconv.ParseUint(string(numeral), 10, 64)
		if err != nil || n > math.MaxInt || len(numeral) > 1 && numeral[0] == '0' {
			c.fail("found %s; expected a whole number from 0 up", numeral)
			break
		}
		ns = append(ns, int(n))
	}
	return ns
}

// isNumeral says whether a byte can stand in a number of JSON's.
func isNumeral(b byte) bool {
	return '0' <= b && b <= '9' || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E'
}
