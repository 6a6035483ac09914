package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/loramesh/loramesh/linalg/rng"
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

// Of ids in any order, ill-formed bytes among them, a stream gives what Decode gives, in parts
// that are well-formed.
func TestStreamEqualsDecode(t *testing.T) {
	vocab := map[string]int{"<unk>": 0, "<s>": 1, "a": 2, "b": 3, "▁": 4}
	for b := range 256 {
		vocab[fmt.Sprintf("<0x%02X>", b)] = len(vocab)
	}
	file, err := json.Marshal(map[string]any{
		"added_tokens": []any{map[string]any{"id": 1, "content": "<s>", "special": true}},
		"decoder": map[string]any{"type": "Sequence", "decoders": []any{
			map[string]any{"type": "Replace", "pattern": map[string]any{"String": "▁"}, "content": " "},
			map[string]any{"type": "ByteFallback"}, map[string]any{"type": "Fuse"},
			map[string]any{"type": "Strip", "content": " ", "start": 1, "stop": 0},
		}},
		"model": map[string]any{"type": "BPE", "unk_token": "<unk>", "byte_fallback": true, "vocab": vocab, "merges": []string{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	tok, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	alphabet := append([]int32{1, 2, 3, 4}, tok.Encode("\né🙂", false)...)
	for seed := range uint64(2000) {
		draw := rng.New(seed).Stream()
		ids := make([]int32, draw.IntN(12))
		for i := range ids {
			ids[i] = alphabet[draw.IntN(len(alphabet))]
		}
		s := tok.NewStream(nil)
		var got strings.Builder
		for _, id := range ids {
			got.WriteString(s.Push(id))
			if !utf8.ValidString(got.String()) {
				t.Fatalf("%v: %q is ill-formed", ids, got.String())
			}
		}
		got.WriteString(s.End())
		if want := tok.Decode(ids, true); got.String() != want {
			t.Fatalf("%v: %q, want %q", ids, got.String(), want)
		}
	}
}

// A prompt may end inside a character; what follows it is well-formed all the same.
func TestStreamBehindHalfACharacter(t *testing.T) {
	tok, _, err := Train([]string{"a"}, Training{Vocab: 258, Special: []string{"<|endoftext|>", "<|pad|>"}})
	if err != nil {
		t.Fatal(err)
	}
	ids := tok.Encode("é!", false)
	s := tok.NewStream(ids[:1])
	if got := s.Push(ids[1]) + s.Push(ids[2]) + s.End(); got != "é!" {
		t.Errorf("behind half a character: %q", got)
	}
}
