package tokenizer

import "unicode/utf8"

// bpe is byte-pair encoding with byte fallback: a word begins as its characters, those that
// the vocabulary lacks as their UTF-8 bytes, and neighbours are merged, the pair of the lowest
// rank first and of equals the leftmost, until no pair of neighbours has a rank.
type bpe struct {
	chars  map[rune]int32     // pieces of one code point
	bytes  [256]int32         // pieces <0x00> … <0xFF>
	merges map[uint64]joining // by pairOf(left, right)
}

// joining is one line of `merges`.
type joining struct {
	rank int32 // its number in the file; lower goes first
	id   int32 // what the pair becomes
}

func pairOf(left, right int32) uint64 { return uint64(uint32(left))<<32 | uint64(uint32(right)) }

// pieces merges by a heap, since the Llama family makes one word of a whole text: n
// characters cost O(n log n), where a scan for the best pair would cost O(n²).
func (m *bpe) pieces(word []char, out []Token) []Token {
	w := wordOf(m, word)
	for i := range w.tokens {
		w.offer(i)
	}
	for w.queue.some() {
		w.join(w.queue.pop())
	}
	for i, token := range w.tokens {
		if w.next[i] != gone {
			out = append(out, token)
		}
	}
	return out
}

// merging is a word on its way: a doubly linked list of tokens in one slice, where a pair
// that is joined lives on in its left place. next is len(tokens) at the end, gone where a
// token has been swallowed.
type merging struct {
	model      *bpe
	tokens     []Token
	prev, next []int
	queue      queue
}

const gone = -2

func wordOf(m *bpe, word []char) *merging {
	w := &merging{model: m, tokens: make([]Token, 0, len(word))}
	for _, c := range word {
		if id, ok := m.chars[c.r]; ok {
			w.tokens = append(w.tokens, Token{ID: id, Start: c.start, End: c.end})
			continue
		}
		var buf [utf8.UTFMax]byte
		for _, b := range buf[:utf8.EncodeRune(buf[:], c.r)] {
			w.tokens = append(w.tokens, Token{ID: m.bytes[b], Start: c.start, End: c.end})
		}
	}
	w.prev, w.next = make([]int, len(w.tokens)), make([]int, len(w.tokens))
	for i := range w.tokens {
		w.prev[i], w.next[i] = i-1, i+1
	}
	return w
}

// pair returns the joining of token i with its right neighbour.
func (w *merging) pair(i int) (joining, bool) {
	if w.next[i] == gone || w.next[i] == len(w.tokens) {
		return joining{}, false
	}
	j, ok := w.model.merges[pairOf(w.tokens[i].ID, w.tokens[w.next[i]].ID)]
	return j, ok
}

// offer puts the pair that begins at i into the queue, if it can be joined.
func (w *merging) offer(i int) {
	if j, ok := w.pair(i); ok {
		w.queue.push(candidate(j.rank)<<32 | candidate(i))
	}
}

// join carries a candidate out, unless one of its two tokens has been merged away since it
// was offered: then the pair at its place has another rank or none.
func (w *merging) join(c candidate) {
	i := int(c & (1<<32 - 1))
	j, ok := w.pair(i)
	if !ok || candidate(j.rank) != c>>32 {
		return
	}
	right := w.next[i]
	w.tokens[i].ID, w.tokens[i].End = j.id, w.tokens[right].End
	w.next[i], w.next[right] = w.next[right], gone
	if w.next[i] < len(w.tokens) {
		w.prev[w.next[i]] = i
	}
	w.offer(i)
	if w.prev[i] >= 0 {
		w.offer(w.prev[i])
	}
}
