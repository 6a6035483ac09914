package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// A splitter divides a normalised stretch of text into words, none of them empty; no piece
// crosses their borders.
type splitter interface {
	words(s stretch, emit func(stretch))
}

// whole leaves the stretch as one word, as the Llama family does.
type whole struct{}

func (whole) words(s stretch, emit func(stretch)) {
	if s.text != "" {
		emit(s)
	}
}

// chain is a Sequence: what one splitter leaves, the next divides further.
type chain struct{ first, rest splitter }

func (c chain) words(s stretch, emit func(stretch)) {
	c.first.words(s, func(word stretch) { c.rest.words(word, emit) })
}

// byClass cuts where the class of characters changes. Runs of class drop are left out, and
// each character of class alone is a word of its own.
type byClass func(rune) int

const (
	drop  = 0
	alone = -1
)

func (class byClass) words(s stretch, emit func(stretch)) {
	for from := 0; from < len(s.text); {
		r, n := utf8.DecodeRuneInString(s.text[from:])
		c, to := class(r), from+n
		for to < len(s.text) && c != alone {
			r, n = utf8.DecodeRuneInString(s.text[to:])
			if class(r) != c {
				break
			}
			to += n
		}
		if c != drop {
			emit(s.cut(from, to))
		}
		from = to
	}
}

// atSpaces is WhitespaceSplit: words are what stands between white space, which is dropped.
func atSpaces(r rune) int {
	if unicode.IsSpace(r) {
		return drop
	}
	return 1
}

// atWords is Whitespace, the pattern \w+|[^\w\s]+: runs of word characters and runs of other
// marks are words, white space is dropped.
func atWords(r rune) int {
	switch {
	case unicode.IsSpace(r):
		return drop
	case isWord(r):
		return 1
	}
	return 2
}

// isWord is \w as Unicode TR 18 has it: alphabetic, mark, decimal digit, connector, joiner.
func isWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}

// atBert is BertPreTokenizer: white space is dropped, punctuation stands alone.
func atBert(r rune) int {
	switch {
	case unicode.IsSpace(r):
		return drop
	case isPunctuation(r):
		return alone
	}
	return 1
}

// atPunctuation is Punctuation with the behaviour Isolated.
func atPunctuation(r rune) int {
	if isPunctuation(r) {
		return alone
	}
	return 1
}

// isPunctuation: category P, and the symbols of ASCII that BERT counts as such.
func isPunctuation(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r < 0x7F && !('0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z')
	}
	return unicode.IsPunct(r)
}

// atDigits is Digits: runs of numerals (category N) stand apart from the rest.
func atDigits(r rune) int {
	if unicode.IsNumber(r) {
		return 2
	}
	return 1
}

// atEachDigit is Digits with individual_digits.
func atEachDigit(r rune) int {
	if unicode.IsNumber(r) {
		return alone
	}
	return 1
}
