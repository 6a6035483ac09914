package tokenizer

import "unicode/utf8"

// A model turns one word into pieces. It appends them to w.pieces.
type model interface {
	pieces(word string, w *work)
}

// piece is an id with the bytes that it stands for: of its word while the model is at work,
// of the given text afterwards.
type piece struct {
	id         int32
	start, end int
}

// work is what one call of Encode has in hand: the pieces so far, and space that words use
// one after the other and calls one after the other; nothing of what was in it before shows.
type work struct {
	pieces  []piece
	places  bool           // are offsets wanted?
	added   map[int]string // then the text of each added token, by its place in pieces
	merging merging
	steps   []step

	// The stations of a text, which are made once for all texts that use this space.
	add               func(stretch, int32) // an added token
	given, cut, words func(stretch)        // between added tokens; the same, normalised; a word
}

// maxSpare bounds what is kept for the next call, in pieces: a text of megabytes leaves
// nothing behind.
const maxSpare = 1 << 14

// newWork ties the stations together: each passes on to the next what it makes of a stretch.
func (t *Tokenizer) newWork() *work {
	w := &work{}
	w.words = func(word stretch) {
		before := len(w.pieces)
		t.model.pieces(word.text, w)
		if w.places {
			for i := before; i < len(w.pieces); i++ {
				p := &w.pieces[i]
				place := word.span(p.start, p.end)
				p.start, p.end = place.start, place.end
			}
		}
	}
	w.add = func(s stretch, id int32) {
		place := s.span(0, len(s.text))
		if w.places {
			w.added[len(w.pieces)] = s.text
		}
		w.pieces = append(w.pieces, piece{id, place.start, place.end})
	}
	w.cut = func(s stretch) { t.split.words(s, w.words) }
	w.given = func(s stretch) { t.added.normal.cut(t.normal.normalise(s), w.add, w.cut) }
	return w
}

// encode makes pieces of one text, which is well-formed, without the template's, and hands
// them to use, which must not keep them.
func (t *Tokenizer) encode(text string, places bool, use func(*work)) {
	w := t.spare.Get().(*work)
	w.pieces, w.places, w.added = w.pieces[:0], places, nil
	if places {
		w.added = map[int]string{}
	}
	t.added.given.cut(stretch{text: text}, w.add, w.given)
	use(w)
	if cap(w.pieces) <= maxSpare && cap(w.merging.nodes) <= maxSpare && cap(w.steps) <= maxSpare {
		t.spare.Put(w)
	}
}

// tokens turns pieces, whose places are bytes of text, into tokens, whose places are code
// points.
func tokens(text string, pieces []piece) []Token {
	points := pointsOf(text)
	out := make([]Token, len(pieces))
	for i, p := range pieces {
		out[i] = Token{ID: p.id, Start: p.start, End: p.end}
		if points != nil {
			out[i].Start, out[i].End = points[p.start], points[p.end]
		}
	}
	return out
}

// pointsOf counts the code points before each byte where one begins, and before the end; it
// returns nil for ASCII, where bytes and code points are the same.
func pointsOf(text string) []int {
	if n := utf8.RuneCountInString(text); n == len(text) {
		return nil
	}
	points := make([]int, len(text)+1)
	n := 0
	for i := range text {
		points[i] = n
		n++
	}
	points[len(text)] = n
	return points
}
