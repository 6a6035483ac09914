package tokenizer

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// addedToken is one entry of `added_tokens`: a name that is cut out of the text before
// anything else happens to it.
type addedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// part is a stretch of text between added tokens, or one of them.
type part struct {
	text  string
	added bool
	id    int32
}

// cutter finds added tokens: leftmost first, and of those that begin at one place the longest.
type cutter struct {
	tokens  []addedToken // longest first
	begins  string       // the first bytes of all names, to skip quickly
	special map[int32]bool
}

func newCutter(tokens []addedToken) cutter {
	c := cutter{tokens: slices.Clone(tokens), special: map[int32]bool{}}
	slices.SortStableFunc(c.tokens, func(a, b addedToken) int { return len(b.Content) - len(a.Content) })
	for _, t := range tokens {
		c.begins += t.Content[:1]
		c.special[t.ID] = t.Special
	}
	return c
}

// cut divides text at the added tokens; empty stretches are left out.
func (c cutter) cut(text string) []part {
	var parts []part
	from := 0
	for at := 0; at < len(text); {
		token, found := c.at(text[at:])
		if !found {
			_, n := utf8.DecodeRuneInString(text[at:])
			at += n
			continue
		}
		if at > from {
			parts = append(parts, part{text: text[from:at]})
		}
		at += len(token.Content)
		parts = append(parts, part{text: token.Content, added: true, id: token.ID})
		from = at
	}
	if from < len(text) {
		parts = append(parts, part{text: text[from:]})
	}
	return parts
}

func (c cutter) at(text string) (addedToken, bool) {
	if strings.IndexByte(c.begins, text[0]) < 0 {
		return addedToken{}, false
	}
	for _, t := range c.tokens {
		if strings.HasPrefix(text, t.Content) {
			return t, true
		}
	}
	return addedToken{}, false
}
