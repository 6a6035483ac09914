package tokenizer

import (
	"strings"
	"testing"
)

// What a stream gives bit by bit is the text as a whole, behind any prompt.
func TestStreamGivesTheText(t *testing.T) {
	tok, _, err := Train([]string{"the café, the tea", "naïve 你好"}, Training{Vocab: 262, Special: []string{"<|endoftext|>"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"the café 你好", "é", "", "a b  c", "🙂 ok"} {
		for _, prompt := range []string{"", "the", "so 你"} {
			s := tok.NewStream(tok.Encode(prompt, false))
			var got strings.Builder
			for _, id := range tok.Encode(text, false) {
				piece := s.Push(id)
				if strings.Contains(piece, "\uFFFD") {
					t.Errorf("%q: half a character was given: %q", text, piece)
				}
				got.WriteString(piece)
			}
			got.WriteString(s.End())
			if got.String() != text {
				t.Errorf("%q behind %q: %q", text, prompt, got.String())
			}
		}
	}
}

// A special token has no text, and a character that never ends is told at the end.
func TestStreamAtTheEnds(t *testing.T) {
	tok, _, err := Train([]string{"a"}, Training{Vocab: 258, Special: []string{"<|endoftext|>", "<|pad|>"}})
	if err != nil {
		t.Fatal(err)
	}
	s := tok.NewStream(nil)
	end, _ := tok.ID("<|endoftext|>")
	if got := s.Push(end); got != "" {
		t.Errorf("special token: %q", got)
	}
	half := tok.Encode("é", false)[0]
	if got := s.Push(half) + s.End(); got != "\uFFFD" {
		t.Errorf("half a character: %q", got)
	}
}
