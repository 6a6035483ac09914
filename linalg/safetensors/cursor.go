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
// can hold: objects, strings, and lists of whole numbers.
type cursor struct {
	text []byte // valid UTF-8
	at   int
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
func (c *cursor) take(want byte) error {
	if c.next() != want {
		return fmt.Errorf("found %s; expected %q", c.found(), string(want))
	}
	c.at++
	return nil
}

// found is what stands here, for an error.
func (c *cursor) found() string {
	if c.next(); c.at == len(c.text) {
		return "the end"
	}
	rest := c.text[c.at:]
	return strconv.Quote(string(rest[:min(len(rest), 16)]))
}

// object reads one object and calls member after each key; member reads the value.
func (c *cursor) object(member func(key string) error) error {
	return c.list('{', '}', func() error {
		key, err := c.string()
		if err == nil {
			err = c.take(':')
		}
		if err == nil {
			err = member(key)
		}
		return err
	})
}

// list reads what stands between two delimiters, with commas between.
func (c *cursor) list(open, shut byte, item func() error) error {
	if err := c.take(open); err != nil {
		return err
	}
	for first := true; c.next() != shut; first = false {
		if !first {
			if err := c.take(','); err != nil {
				return err
			}
		}
		if err := item(); err != nil {
			return err
		}
	}
	c.at++
	return nil
}

// string reads a string. Those with escapes in them are rare.
func (c *cursor) string() (string, error) {
	if c.next() != '"' {
		return "", fmt.Errorf("found %s; expected a string", c.found())
	}
	begin, plain := c.at, true
	for i := begin + 1; i < len(c.text); i++ {
		switch b := c.text[i]; {
		case b == '\\':
			plain = false
			i++
		case b < ' ':
			return "", fmt.Errorf("the byte %#x stands in a string", b)
		case b == '"':
			c.at = i + 1
			if plain {
				return string(c.text[begin+1 : i]), nil
			}
			var s string
			err := json.Unmarshal(c.text[begin:c.at], &s)
			return s, err
		}
	}
	return "", fmt.Errorf("a string has no end")
}

// counts reads a list of whole numbers from 0 up.
func (c *cursor) counts() ([]int, error) {
	ns := make([]int, 0, 2)
	err := c.list('[', ']', func() error {
		c.next()
		begin := c.at
		for c.at < len(c.text) && isNumeral(c.text[c.at]) {
			c.at++
		}
		numeral := c.text[begin:c.at]
		if len(numeral) == 0 {
			return fmt.Errorf("found %s; expected a whole number", c.found())
		}
		n, err := strconv.ParseUint(string(numeral), 10, 64)
		if err != nil || n > math.MaxInt || len(numeral) > 1 && numeral[0] == '0' {
			return fmt.Errorf("found %s; expected a whole number from 0 up", numeral)
		}
		ns = append(ns, int(n))
		return nil
	})
	return ns, err
}

// isNumeral says whether a byte can stand in a number of JSON's.
func isNumeral(b byte) bool {
	return '0' <= b && b <= '9' || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E'
}
