package tokenizer

import (
	"strings"
	"unicode"
)

// lowercase lowers each character by itself: a sigma at the end of a word is σ, not ς.
type lowercase struct{}

func (lowercase) normalise(s stretch) stretch {
	if !strings.ContainsFunc(s.text, func(r rune) bool { return unicode.ToLower(r) != r }) {
		return s
	}
	w := rewrite(s)
	for _, r := range s.text {
		if r == 'İ' { // the one character that SpecialCasing.txt lowers to two wherever it stands
			w.put('i', 0)
			w.put('\u0307', 1)
			continue
		}
		w.put(unicode.ToLower(r), 0)
	}
	return w.done()
}

// without drops characters.
type without func(rune) bool

func (drop without) normalise(s stretch) stretch {
	if !strings.ContainsFunc(s.text, drop) {
		return s
	}
	w := rewrite(s)
	for _, r := range s.text {
		if drop(r) {
			w.skip()
		} else {
			w.put(r, 0)
		}
	}
	return w.done()
}

// isMark is what StripAccents drops: marks of every kind.
func isMark(r rune) bool { return unicode.Is(unicode.M, r) }

// trimSpace is Strip: white space goes from either end.
type trimSpace struct{ left, right bool }

func (t trimSpace) normalise(s stretch) stretch {
	a, b := 0, len(s.text)
	if t.left {
		a = b - len(strings.TrimLeftFunc(s.text, unicode.IsSpace))
	}
	if t.right {
		b = a + len(strings.TrimRightFunc(s.text[a:], unicode.IsSpace))
	}
	return s.cut(a, b)
}
