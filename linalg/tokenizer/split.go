package tokenizer

import "unicode"

// A splitter divides a normalised stretch of text into words; no piece crosses their borders.
type splitter interface {
	words([]char) [][]char
}

// whole leaves the stretch as one word, as the Llama family does.
type whole struct{}

func (whole) words(chars []char) [][]char {
	if len(chars) == 0 {
		return nil
	}
	return [][]char{chars}
}

// atSpaces is WhitespaceSplit: words are what stands between white space, which is dropped.
type atSpaces struct{}

func (atSpaces) words(chars []char) [][]char {
	return runs(chars, func(r rune) int {
		if unicode.IsSpace(r) {
			return drop
		}
		return 1
	})
}

// atWords is Whitespace, the pattern \w+|[^\w\s]+: runs of word characters and runs of other
// marks are words, white space is dropped.
type atWords struct{}

func (atWords) words(chars []char) [][]char {
	return runs(chars, func(r rune) int {
		switch {
		case unicode.IsSpace(r):
			return drop
		case isWord(r):
			return 1
		}
		return 2
	})
}

// isWord is \w as Unicode TR 18 has it: alphabetic, mark, decimal digit, connector, joiner.
func isWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}

const drop = 0 // the class of characters that belong to no word

// runs cuts chars where the class changes and leaves the dropped ones out.
func runs(chars []char, class func(rune) int) [][]char {
	var words [][]char
	for from := 0; from < len(chars); {
		c, to := class(chars[from].r), from+1
		for to < len(chars) && class(chars[to].r) == c {
			to++
		}
		if c != drop {
			words = append(words, chars[from:to])
		}
		from = to
	}
	return words
}
