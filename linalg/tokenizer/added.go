package tokenizer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addedToken is one entry of `added_tokens`: a name that is cut out of the text before the
// model sees it.
type addedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // not where a word goes on before or behind it
	LStrip     bool   `json:"lstrip"`      // takes the white space before it along
	RStrip     bool   `json:"rstrip"`      // takes the white space behind it along
	Normalized bool   `json:"normalized"`  // looked for in the normalised text, not in the given one
	Special    bool   `json:"special"`     // left out by Decode, on request
}

// addedTokens are those that are looked for before normalising, and those after it.
type addedTokens struct {
	given, normal cutter
	special       map[int32]bool
	spelled       map[int32]string // of a normalised name, which is how Decode writes the token
}

func newAddedTokens(list []addedToken, n normaliser) addedTokens {
	a := addedTokens{special: map[int32]bool{}, spelled: map[int32]string{}}
	var given, normal []addedToken
	for _, t := range list {
		a.special[t.ID] = t.Special
		if !t.Normalized {
			given = append(given, t)
			continue
		}
		// The library normalises the name too, as if it were a text of its own.
		if t.Content = n.normalise(stretch{text: t.Content}).text; t.Content != "" {
			normal = append(normal, t)
			a.spelled[t.ID] = t.Content
		}
	}
	a.given, a.normal = newCutter(given), newCutter(normal)
	return a
}

// cutter finds tokens: leftmost first, and of those that begin at one place the longest.
type cutter struct {
	begins [256]bool // first bytes of names, to skip quickly
	by     map[string]addedToken
	sizes  []int // lengths of names, the longest first
}

func newCutter(list []addedToken) cutter {
	c := cutter{by: map[string]addedToken{}}
	for _, t := range list {
		c.by[t.Content] = t
		c.begins[t.Content[0]] = true
		if !slices.Contains(c.sizes, len(t.Content)) {
			c.sizes = append(c.sizes, len(t.Content))
		}
	}
	slices.SortFunc(c.sizes, func(a, b int) int { return b - a })
	return c
}

// cut divides s into added tokens and what stands between them, none of it empty.
func (c *cutter) cut(s stretch, add func(stretch, int32), between func(stretch)) {
	from := 0
	if len(c.sizes) > 0 {
		for at := 0; at < len(s.text); at++ {
			if !c.begins[s.text[at]] {
				continue
			}
			t, ok := c.at(s.text, at)
			if !ok {
				continue
			}
			start, end := at, at+len(t.Content)
			next := end
			if t.LStrip {
				start = max(from, len(strings.TrimRightFunc(s.text[:at], unicode.IsSpace)))
			}
			if t.RStrip {
				end = len(s.text) - len(strings.TrimLeftFunc(s.text[end:], unicode.IsSpace))
			}
			if from < start {
				between(s.cut(from, start))
			}
			add(s.cut(start, end), t.ID)
			from, at = end, max(next, end)-1
		}
	}
	if from < len(s.text) {
		between(s.cut(from, len(s.text)))
	}
}

// at returns the token that begins at a place. A name that must be a single word and is not
// hides the shorter ones that begin with it, as in the library.
func (c *cutter) at(text string, at int) (addedToken, bool) {
	for _, n := range c.sizes {
		if at+n > len(text) {
			continue
		}
		t, ok := c.by[text[at:at+n]]
		if !ok {
			continue
		}
		if t.SingleWord {
			before, _ := utf8.DecodeLastRuneInString(text[:at])
			behind, _ := utf8.DecodeRuneInString(text[at+n:])
			if at > 0 && isWord(before) || at+n < len(text) && isWord(behind) {
				return addedToken{}, false
			}
		}
		return t, true
	}
	return addedToken{}, false
}
