package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// WellFormed returns text with each maximal ill-formed subpart replaced by one U+FFFD (The
// Unicode Standard, ch. 3.9, table 3-7; also WHATWG and Python's errors="replace"). Go's
// range gives one U+FFFD a byte instead, which would be other tokens at other offsets: the
// three bytes E2 82 41 are "�A" here and "��A" there.
func WellFormed(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	var out strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && n == 1 {
			n = subpart(text)
		}
		out.WriteRune(r)
		text = text[n:]
	}
	return out.String()
}

// subpart returns the length of the maximal subpart at the start of ill-formed text: the
// longest beginning of a well-formed sequence, or one byte.
func subpart(text string) int {
	lead := text[0]
	low, high := byte(0x80), byte(0xBF) // what may stand second
	var want int                        // bytes of the whole sequence
	switch {
	case lead >= 0xC2 && lead <= 0xDF:
		want = 2
	case lead >= 0xE0 && lead <= 0xEF:
		want = 3
	case lead >= 0xF0 && lead <= 0xF4:
		want = 4
	default:
		return 1
	}
	switch lead {
	case 0xE0:
		low = 0xA0
	case 0xED:
		high = 0x9F
	case 0xF0:
		low = 0x90
	case 0xF4:
		high = 0x8F
	}
	n := 1
	for n < want && n < len(text) && text[n] >= low && text[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}
