package tokenizer

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Stream turns ids that come one by one into text, as soon as it is certain: the bytes of a
// character may lie in several tokens, and the space before a word depends on what is in
// front of it. Special tokens are left out.
type Stream struct {
	tok  *Tokenizer
	ids  []int32
	from int // ids from here on are decoded together: some context
	read int // of which those before this have been given
}

// streamContext is how many ids of the text before are decoded again with what follows.
const streamContext = 5

// NewStream begins behind the ids of a prompt, whose text is not given again.
func (t *Tokenizer) NewStream(prompt []int32) *Stream {
	from := max(0, len(prompt)-streamContext)
	for from > 0 && !t.settles(prompt[from-1]) {
		from--
	}
	tail := prompt[from:]
	return &Stream{tok: t, ids: append([]int32(nil), tail...), read: len(tail)}
}

// settles says whether an id makes certain what stands before it. One without a text does not,
// and no byte of a vocabulary that falls back to bytes: the whole run of them becomes U+FFFD
// if one that follows is ill-formed.
func (t *Tokenizer) settles(id int32) bool {
	piece, ok := t.Piece(id)
	if !ok || t.added.special[id] {
		return false
	}
	if _, isByte := byteOf(piece); !isByte {
		return true
	}
	return !slices.ContainsFunc(t.decoders, func(d decoder) bool { _, falls := d.(byteFallback); return falls })
}

// Push takes an id and returns the text that has become certain, perhaps none.
func (s *Stream) Push(id int32) string {
	s.ids = append(s.ids, id)
	if !s.tok.settles(id) {
		return ""
	}
	fresh := s.fresh()
	if fresh == "" || strings.HasSuffix(fresh, "\uFFFD") {
		return ""
	}
	s.from, s.read = s.read, len(s.ids)
	return fresh
}

// End returns what Push held back: bytes that never became a character.
func (s *Stream) End() string { return s.fresh() }

func (s *Stream) fresh() string {
	given := s.tok.Decode(s.ids[s.from:s.read], true)
	all := s.tok.Decode(s.ids[s.from:], true)
	for !strings.HasPrefix(all, given) { // a prompt that ends inside a run of bytes
		_, n := utf8.DecodeLastRuneInString(given)
		given = given[:len(given)-n]
	}
	return all[len(given):]
}
