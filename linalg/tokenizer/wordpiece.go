package tokenizer

import "unicode/utf8"

// wordPiece takes the longest piece that a word begins with, then the longest that goes on
// from there, and so on (Devlin et al. 2019). A word that cannot be spelled so, or is too
// long, is unknown as a whole.
type wordPiece struct {
	begin, inside *trie // pieces, those inside a word without their prefix
	unknown       int32
	chars         int // the longest word, in code points
}

func (m *wordPiece) pieces(word string, w *work) {
	before := len(w.pieces)
	if len(word) > m.chars && utf8.RuneCountInString(word) > m.chars || !m.spell(word, w) {
		w.pieces = append(w.pieces[:before], piece{m.unknown, 0, len(word)})
	}
}

// spell appends pieces as far as they go, and says whether that is to the end.
func (m *wordPiece) spell(word string, w *work) bool {
	known := m.begin
	for at := 0; at < len(word); known = m.inside {
		id, n := known.longest(word[at:])
		if id == none {
			return false
		}
		w.pieces = append(w.pieces, piece{id, at, at + n})
		at += n
	}
	return true
}
