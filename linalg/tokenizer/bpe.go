package tokenizer

import "unicode/utf8"

// bpe is byte-pair encoding (Sennrich et al. 2016): a word begins as symbols, and neighbours
// are merged, the pair of the lowest rank first and of equals the leftmost, until no pair of
// neighbours has a rank. Symbols are bytes in a byte-level model; else characters, and those
// that the vocabulary lacks are their UTF-8 bytes (byte fallback) or unknown.
type bpe struct {
	alphabet alphabet
	merges   *pairTable
	// known has words that need no merging, since the result is known to be one piece: in a
	// byte-level model most words of a text. It is made once, by merging each piece.
	known map[string]int32
}

// joining is one line of `merges`.
type joining struct {
	rank int32 // its number in the file; lower goes first
	id   int32 // what the pair becomes
}

// alphabet turns a word into its first symbols.
type alphabet struct {
	byteLevel bool
	bytes     [256]int32     // of a byte, none where the vocabulary has no piece for it
	chars     map[rune]int32 // of a character; unused in a byte-level model
	// unknown is the piece of a byte or character that has none of its own; where the file
	// names none either, it is left out, as in the library. (The library then counts the
	// offsets of the rest of the word without it; here they stay true.)
	unknown int32
	fuse    bool // neighbours that are unknown are one symbol
}

const none = -1

// symbols appends the symbols of word.
func (a *alphabet) symbols(word string, out []node) []node {
	if a.byteLevel {
		for i := range len(word) {
			out = a.symbol(a.bytes[word[i]], i, i+1, out)
		}
		return out
	}
	for i, r := range word {
		end := i + utf8.RuneLen(r)
		id, ok := a.chars[r]
		switch {
		case ok:
			out = append(out, node{piece: piece{id, i, end}})
		case a.bytes[word[i]] != none: // all 256 are there, or none is
			for k := i; k < end; k++ {
				out = append(out, node{piece: piece{a.bytes[word[k]], k, k + 1}})
			}
		default:
			out = a.symbol(none, i, end, out)
		}
	}
	return out
}

// symbol appends one symbol, or what an unknown one becomes.
func (a *alphabet) symbol(id int32, start, end int, out []node) []node {
	if id == none {
		id = a.unknown
		if id == none {
			return out
		}
		if last := len(out) - 1; a.fuse && last >= 0 && out[last].id == id && out[last].end == start {
			out[last].end = end
			return out
		}
	}
	return append(out, node{piece: piece{id, start, end}})
}

// pieces merges by a heap, since the Llama family makes one word of a whole text: n
// characters cost O(n log n), where a scan for the best pair would cost O(n²).
func (m *bpe) pieces(word string, w *work) {
	if id, ok := m.known[word]; ok {
		w.pieces = append(w.pieces, piece{id, 0, len(word)})
		return
	}
	m.merge(word, &w.merging)
	for _, n := range w.merging.nodes {
		if n.next != gone {
			w.pieces = append(w.pieces, n.piece)
		}
	}
}

// merge does the work of a word that is not known, in space that is used again.
func (m *bpe) merge(word string, g *merging) {
	g.merges = m.merges
	g.nodes = m.alphabet.symbols(word, g.nodes[:0])
	for i := range g.nodes {
		g.nodes[i].prev, g.nodes[i].next = i-1, i+1
	}
	for i := range g.nodes {
		g.offer(i)
	}
	for len(g.queue) > 0 {
		g.join(g.queue.pop())
	}
}
