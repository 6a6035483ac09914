package tokenizer

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// newBert is BertNormalizer: up to four steps (Devlin et al. 2019, BasicTokenizer). What is a
// mark or a control is decided by the Unicode of Go; the library's own tables end with
// Unicode 8, so that it keeps marks of younger scripts.
func newBert(clean, spaceIdeographs, stripAccents, lower bool) normalisers {
	var steps normalisers
	if clean {
		steps = append(steps, without(isUnclean), spaces{})
	}
	if spaceIdeographs {
		steps = append(steps, aroundIdeographs{})
	}
	if stripAccents {
		steps = append(steps, form{norm.NFD}, without(isNonspacingMark))
	}
	if lower {
		steps = append(steps, lowercase{})
	}
	return steps
}

// isUnclean: NUL, U+FFFD and the categories Cc, Cf, Co, but not tab and the ends of lines.
// Code points that Unicode has not assigned stay.
func isUnclean(r rune) bool {
	switch r {
	case '\t', '\n', '\r':
		return false
	case 0, unicode.ReplacementChar:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

func isNonspacingMark(r rune) bool { return unicode.Is(unicode.Mn, r) }

// spaces makes a plain space of every white space.
type spaces struct{}

func (spaces) normalise(s stretch) stretch {
	if !strings.ContainsFunc(s.text, func(r rune) bool { return r != ' ' && unicode.IsSpace(r) }) {
		return s
	}
	w := rewrite(s)
	for _, r := range s.text {
		if unicode.IsSpace(r) {
			r = ' '
		}
		w.put(r, 0)
	}
	return w.done()
}

// aroundIdeographs puts a space on either side of each CJK ideograph.
type aroundIdeographs struct{}

func (aroundIdeographs) normalise(s stretch) stretch {
	if !strings.ContainsFunc(s.text, isIdeograph) {
		return s
	}
	w := rewrite(s)
	for _, r := range s.text {
		if isIdeograph(r) {
			w.put(' ', 0)
			w.put(r, 1)
			w.put(' ', 1)
		} else {
			w.put(r, 0)
		}
	}
	return w.done()
}

// isIdeograph: the blocks that BERT's vocabularies were made with; unicode.Han is larger.
func isIdeograph(r rune) bool {
	for _, block := range [...][2]rune{
		{0x4E00, 0x9FFF}, {0x3400, 0x4DBF}, {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
		{0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF}, {0x2F800, 0x2FA1F},
	} {
		if r >= block[0] && r <= block[1] {
			return true
		}
	}
	return false
}
