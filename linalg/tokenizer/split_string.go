package tokenizer

import "strings"

// byString is a Split by a string: its occurrences are matches, and what stands between them
// is not. Gemma's files have one.
type byString struct {
	mark   string // not empty
	invert bool   // what is between counts as a match, and the occurrences do not
	how    behaviour
}

// behaviour says what becomes of a match.
type behaviour string

const (
	removed      behaviour = "Removed"
	isolated     behaviour = "Isolated"
	withPrevious behaviour = "MergedWithPrevious"
	withNext     behaviour = "MergedWithNext"
	contiguous   behaviour = "Contiguous" // matches side by side are one word
)

var behaviours = []behaviour{removed, isolated, withPrevious, withNext, contiguous}

// joins says whether two neighbours, each a match or not, are one word.
func (b behaviour) joins(match, next bool) bool {
	switch b {
	case withPrevious:
		return !match && next
	case withNext:
		return match && !next
	case contiguous:
		return match == next
	}
	return false
}

func (b byString) words(s stretch, emit func(stretch)) {
	from, to, match := 0, 0, false // the word that is being made; match is of its last part
	end := func() {
		if to > from && !(match && b.how == removed) {
			emit(s.cut(from, to))
		}
		from = to
	}
	part := func(until int, is bool) {
		if until == to {
			return
		}
		if !b.how.joins(match, is) {
			end()
		}
		to, match = until, is
	}
	for {
		i := strings.Index(s.text[to:], b.mark)
		if i < 0 {
			break
		}
		part(to+i, b.invert)
		part(to+len(b.mark), !b.invert)
	}
	part(len(s.text), b.invert)
	end()
}
