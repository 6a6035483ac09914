package tokenizer

import (
	"math"
	"slices"
	"unicode/utf8"
)

// unigram divides a word into the pieces whose scores, logarithms of probabilities, have the
// largest sum (Kudo 2018). Where no piece of one character fits, that character is unknown,
// at the price of the lowest score less ten; unknown neighbours are one piece, or with byte
// fallback their bytes.
type unigram struct {
	vocab   *trie
	score   []float64 // by id
	unknown int32
	price   float64
	bytes   *[256]int32 // nil without byte fallback
}

// step is the best way to spell a word up to some byte: its last piece and the sum.
type step struct {
	score float64
	start int
	id    int32
}

func (m *unigram) pieces(word string, w *work) {
	m.forward(word, w)
	from := len(w.pieces)
	for end := len(word); end > 0; {
		s := w.steps[end]
		if last := len(w.pieces) - 1; s.id == m.unknown && last >= from && w.pieces[last].id == s.id {
			w.pieces[last].start = s.start
		} else {
			w.pieces = append(w.pieces, piece{s.id, s.start, end})
		}
		end = s.start
	}
	slices.Reverse(w.pieces[from:])
	if m.bytes != nil {
		w.pieces = m.fallBack(word, w.pieces, from)
	}
}

// forward fills w.steps: the best way to each place of word (Viterbi). Of equal ways the one
// whose last piece begins first stays.
func (m *unigram) forward(word string, w *work) {
	w.steps = slices.Grow(w.steps[:0], len(word)+1)[:len(word)+1]
	for i := range w.steps {
		w.steps[i] = step{score: math.Inf(-1), start: none}
	}
	w.steps[0].score = 0
	better := func(end int, s step) {
		if w.steps[end].start == none || s.score > w.steps[end].score {
			w.steps[end] = s
		}
	}
	for at := 0; at < len(word); {
		_, n := utf8.DecodeRuneInString(word[at:])
		single, node := false, int32(0)
		for end := at + 1; end <= len(word); end++ {
			if node = m.vocab.step(node, word[end-1]); node == none {
				break
			}
			if id := m.vocab.nodes[node].id; id != none {
				better(end, step{w.steps[at].score + m.score[id], at, id})
				single = single || end == at+n
			}
		}
		if !single {
			better(at+n, step{w.steps[at].score + m.price, at, m.unknown})
		}
		at += n
	}
}

// fallBack turns the pieces behind from that the vocabulary lacks into their bytes, which
// share their place.
func (m *unigram) fallBack(word string, all []piece, from int) []piece {
	var out []piece
	for _, p := range all[from:] {
		if id, n := m.vocab.longest(word[p.start:p.end]); id != none && n == p.end-p.start {
			out = append(out, p)
			continue
		}
		for i := p.start; i < p.end; i++ {
			out = append(out, piece{m.bytes[word[i]], p.start, p.end})
		}
	}
	return append(all[:from], out...)
}
