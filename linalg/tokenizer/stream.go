package tokenizer

import "strings"

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
	tail := prompt[max(0, len(prompt)-streamContext):]
	return &Stream{tok: t, ids: append([]int32(nil), tail...), read: len(tail)}
}

// Push takes an id and returns the text that has become certain, perhaps none.
func (s *Stream) Push(id int32) string {
	s.ids = append(s.ids, id)
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
	if len(all) <= len(given) {
		return ""
	}
	return all[len(given):]
}
