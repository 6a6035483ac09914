package tokenizer_test

import (
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// Texts get an end and no beginning, or a beginning and no end; what they say stays the same.
func TestTemplates(t *testing.T) {
	words, err := tokenizer.Words([]string{"one", "two"})
	if err != nil {
		t.Fatal(err)
	}
	pieces, _, err := tokenizer.Train([]string{"one two two"}, tokenizer.Training{Vocab: 260, Special: []string{"<s>", "</s>"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tok := range map[string]*tokenizer.Tokenizer{"words": words, "pieces": pieces} {
		ending, err := tok.Ending()
		if err != nil {
			t.Fatal(err)
		}
		eos, _ := tok.EOS()
		want := append(tok.Encode("one two", false), eos)
		if got := ending.Encode("one two", true); !slices.Equal(got, want) {
			t.Errorf("%s: %v, expected %v", name, got, want)
		}
		if got := ending.Decode(want, true); got != "one two" {
			t.Errorf("%s: decoded %q", name, got)
		}
		beginning, err := tok.Beginning()
		if err != nil {
			t.Fatal(err)
		}
		bos, _ := tok.BOS()
		want = append([]int32{bos}, tok.Encode("one two", false)...)
		if got := beginning.Encode("one two", true); !slices.Equal(got, want) {
			t.Errorf("%s: %v, expected %v", name, got, want)
		}
		if got, _ := beginning.BOS(); got != bos {
			t.Errorf("%s: texts begin with %d, not %d", name, got, bos)
		}
		if ending.Hash() == tok.Hash() || ending.Vocab() != tok.Vocab() {
			t.Errorf("%s: another template is another tokenizer of the same words", name)
		}
	}
}
