package tokenizer

import "fmt"

// Truncation is a wish for sequences of at most Tokens tokens, the template's among them.
type Truncation struct {
	Tokens   int
	Strategy Strategy
	Left     bool // the beginning goes; otherwise the end
}

// Strategy says which of two texts loses tokens.
type Strategy string

// The strategies, with the names of the file.
const (
	LongestFirst Strategy = "LongestFirst" // the longer of the two, down to halves
	OnlyFirst    Strategy = "OnlyFirst"
	OnlySecond   Strategy = "OnlySecond"
)

// Truncation returns what the file wishes; ok is false where it wishes nothing. `stride` is
// not part of it: it speaks of what was cut off, and that is not kept here.
func (t *Tokenizer) Truncation() (wish Truncation, ok bool) {
	if t.truncate == nil {
		return Truncation{}, false
	}
	return *t.truncate, true
}

// cut shortens texts so that there is room for so many tokens of the template.
func (c Truncation) cut(texts [][]Token, template int) error {
	room := c.Tokens - template
	if room < 0 {
		return fmt.Errorf("truncation to %d tokens leaves no room: the template alone has %d", c.Tokens, template)
	}
	total := 0
	for _, text := range texts {
		total += len(text)
	}
	if total <= room {
		return nil
	}
	victim := 0
	switch {
	case c.Strategy == LongestFirst && len(texts) == 2:
		a, b := halves(len(texts[0]), len(texts[1]), room)
		texts[0], texts[1] = c.keep(texts[0], a), c.keep(texts[1], b)
		return nil
	case c.Strategy == OnlySecond && len(texts) == 2:
		victim = 1
	case c.Strategy == OnlySecond:
		return fmt.Errorf("truncation OnlySecond needs two texts, and there is one")
	case c.Strategy != LongestFirst && c.Strategy != OnlyFirst:
		return fmt.Errorf("truncation: unknown strategy %q; known: %s, %s, %s", c.Strategy, LongestFirst, OnlyFirst, OnlySecond)
	}
	keep := len(texts[victim]) - (total - room)
	if keep <= 0 && c.Strategy != LongestFirst {
		return fmt.Errorf("truncation %s to %d tokens: %d tokens must go, and that text has %d", c.Strategy, c.Tokens, total-room, len(texts[victim]))
	}
	texts[victim] = c.keep(texts[victim], keep)
	return nil
}

// keep returns n tokens of a text.
func (c Truncation) keep(text []Token, n int) []Token {
	n = min(n, len(text))
	if c.Left {
		return text[len(text)-n:]
	}
	return text[:n]
}

// halves shares room between two texts, together longer than it: the shorter stays whole if
// it leaves the other at least as much, else both get half, the longer the odd token.
func halves(a, b, room int) (keepA, keepB int) {
	if a > b {
		keepB, keepA = halves(b, a, room)
		return keepA, keepB
	}
	if a+max(a, room-a) <= room {
		return a, room - a
	}
	return room / 2, room - room/2
}
