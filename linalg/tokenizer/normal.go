package tokenizer

// char is one code point on its way to the model, with the code points of the given text
// that it stands for.
type char struct {
	r          rune
	start, end int
}

// charsOf spells text out; its first code point is number at of the whole text.
func charsOf(text string, at int) []char {
	chars := make([]char, 0, len(text))
	for _, r := range text {
		chars = append(chars, char{r: r, start: at, end: at + 1})
		at++
	}
	return chars
}

// A normaliser rewrites a stretch of text between added tokens and keeps account of where
// each character came from.
type normaliser interface {
	normalise([]char) []char
}

// prepend puts a mark in front of a stretch that is not empty. The mark takes the offsets of
// the first character.
type prepend struct{ mark []rune }

func (p prepend) normalise(chars []char) []char {
	if len(chars) == 0 {
		return chars
	}
	out := make([]char, 0, len(p.mark)+len(chars))
	for _, r := range p.mark {
		out = append(out, char{r: r, start: chars[0].start, end: chars[0].end})
	}
	return append(out, chars...)
}

// replace changes one character into another. It works in place: the stretch is its own.
type replace struct{ from, to rune }

func (p replace) normalise(chars []char) []char {
	for i := range chars {
		if chars[i].r == p.from {
			chars[i].r = p.to
		}
	}
	return chars
}
