package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// The classes that the patterns of byte-level models tell apart: \p{L}, \p{N}, \s and the rest,
// by Go's tables of Unicode (docs/decisions/0014 says where the library's differ).
const (
	other byte = iota
	letter
	number
	space
)

var asciiClass = func() (table [utf8.RuneSelf]byte) {
	for b := range table {
		table[b] = classOf(rune(b))
	}
	return table
}()

func classAt(text string, at int) (class byte, n int) {
	if b := text[at]; b < utf8.RuneSelf {
		return asciiClass[b], 1
	}
	r, n := utf8.DecodeRuneInString(text[at:])
	return classOf(r), n
}

func classOf(r rune) byte {
	switch {
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	case unicode.IsSpace(r):
		return space
	}
	return other
}
