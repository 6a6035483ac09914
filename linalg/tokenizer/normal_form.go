package tokenizer

import (
	"slices"

	"golang.org/x/text/unicode/norm"
)

// form is one of the four normal forms of Unicode (UAX #15). The tables are those of
// x/text; the walk is ours, since offsets must be kept, and since x/text breaks up runs of
// more than 30 marks, which the library does not.
type form struct{ norm.Form }

// changed is a code point with the change that [rewriting.put] wants.
type changed struct {
	r      rune
	change int
	class  uint8 // canonical combining class
}

func (f form) normalise(s stretch) stretch {
	if f.IsNormalString(s.text) {
		return s
	}
	chars := f.decompose(s.text)
	if f.Form == norm.NFC || f.Form == norm.NFKC {
		chars = compose(chars)
	}
	w := rewrite(s)
	for _, c := range chars {
		w.put(c.r, c.change)
	}
	return w.done()
}

// decompose takes each code point apart and puts marks between starters in the order of
// their classes. All but the first part of a code point count as inserted.
func (f form) decompose(text string) []changed {
	apart := norm.NFD
	if f.Form == norm.NFKC || f.Form == norm.NFKD {
		apart = norm.NFKD
	}
	var chars []changed
	marks := 0 // where the marks behind the last starter begin
	sort := func() {
		slices.SortStableFunc(chars[marks:], func(a, b changed) int { return int(a.class) - int(b.class) })
	}
	for _, r := range text {
		change := 0
		for _, part := range apart.String(string(r)) {
			c := changed{r: part, change: change, class: apart.PropertiesString(string(part)).CCC()}
			if c.class == 0 {
				sort()
				marks = len(chars) + 1
			}
			chars = append(chars, c)
			change = 1
		}
	}
	sort()
	return chars
}

// compose joins each starter with what follows it, as long as nothing between blocks it. A
// pair that becomes one code point stands for both.
func compose(chars []changed) []changed {
	out := chars[:0]
	starter := -1 // place in out
	last := uint8(0)
	for _, c := range chars {
		adjacent := starter == len(out)-1
		if starter >= 0 && (adjacent || last < c.class) {
			if r, ok := pair(out[starter].r, c.r); ok {
				out[starter].r = r
				out[starter].change += c.change - 1
				continue
			}
		}
		if c.class == 0 {
			starter = len(out)
		}
		last = c.class
		out = append(out, c)
	}
	return out
}

// pair returns the primary composite of two code points, if there is one.
func pair(a, b rune) (rune, bool) {
	joined := []rune(norm.NFC.String(string([]rune{a, b})))
	return joined[0], len(joined) == 1
}
