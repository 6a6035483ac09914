package tokenizer

import "strings"

// metaspace is how SentencePiece sees words (Kudo and Richardson 2018): spaces become a mark,
// and a word begins at each mark.
type metaspace struct {
	mark    string // U+2581, as a rule
	prepend when   // puts a mark in front, if none is there
	split   bool
}

// when says to which stretches Metaspace and its decoder give a mark that the text lacks.
type when string

const (
	always when = "always"
	first  when = "first" // the stretch with which the text begins
	never  when = "never"
)

func (m metaspace) words(s stretch, emit func(stretch)) {
	s = replace{from: " ", to: m.mark}.normalise(s)
	if !strings.HasPrefix(s.text, m.mark) && (m.prepend == always || m.prepend == first && s.from == 0) {
		s = prepend{mark: m.mark}.normalise(s)
	}
	if !m.split {
		whole{}.words(s, emit)
		return
	}
	for from := 0; from < len(s.text); {
		to := len(s.text)
		skip := min(len(m.mark), to-from) // a mark at the beginning is the word's own
		if !strings.HasPrefix(s.text[from:], m.mark) {
			skip = 0
		}
		if i := strings.Index(s.text[from+skip:], m.mark); i >= 0 {
			to = from + skip + i
		}
		emit(s.cut(from, to))
		from = to
	}
}
