package tokenizer_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/loramesh/loramesh/linalg/tokenizer"
)

func parse(t testing.TB, file any) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Parse(source(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestBPE(t *testing.T) {
	tok := parse(t, llama())
	id := func(piece string) int32 {
		n, ok := tok.ID(piece)
		if !ok {
			t.Fatalf("no piece %q", piece)
		}
		return n
	}
	for text, pieces := range map[string][]string{
		"":              {},
		"hello":         {"▁hello"},
		"hell hello":    {"▁hell", "▁hello"},
		"lll":           {"▁", "ll", "l"}, // of equal ranks the leftmost first
		"o</s>o":        {"▁", "o", "</s>", "▁", "o"},
		"é":             {"▁", "<0xC3>", "<0xA9>"},
		"\xe2\x82h\xff": {"▁", "<0xEF>", "<0xBF>", "<0xBD>", "h", "<0xEF>", "<0xBF>", "<0xBD>"},
	} {
		var want []int32
		for _, p := range pieces {
			want = append(want, id(p))
		}
		if got := tok.Encode(text, false); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
		if got := tok.Encode(text, true); got[0] != 1 || !slices.Equal(got[1:], want) {
			t.Errorf("%q with <s>: %v", text, got)
		}
	}
	if bos, ok := tok.BOS(); bos != 1 || !ok {
		t.Errorf("BOS %d, %v", bos, ok)
	}
	if eos, ok := tok.EOS(); eos != 2 || !ok {
		t.Errorf("EOS %d, %v", eos, ok)
	}
	if got := tok.Decode([]int32{1, id("▁hell"), 5000, -1, id("o"), 2}, true); got != "hello" {
		t.Errorf("decoded %q", got)
	}
	if tok.Vocab() != 269 || tok.Hash() != parse(t, llama()).Hash() || tok.Hash() == parse(t, wordLevel("Whitespace")).Hash() {
		t.Error("Vocab or Hash")
	}
}

// Merges are as good from "a b" as from ["a", "b"], and 100,000 characters are one word.
func TestBPELongWord(t *testing.T) {
	tok := parse(t, llama())
	n := 20000
	got := tok.Encode(strings.Repeat("hello", n), false)
	if len(got) != 2*n-1 { // ▁hello, then hell and o n−1 times
		t.Errorf("%d tokens", len(got))
	}
}

func TestWordLevel(t *testing.T) {
	for split, want := range map[string][]int32{
		"Whitespace":      {1, 2, 3, 5, 0, 0},
		"WhitespaceSplit": {4, 0, 0},
	} {
		tok := parse(t, wordLevel(split))
		if got := tok.Encode("  don't\u00a0go_2, \t x ", true); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", split, got, want)
		}
		if got := tok.Decode([]int32{4, 5}, true); got != "don't go_2" {
			t.Errorf("decoded %q", got)
		}
		if _, ok := tok.BOS(); ok {
			t.Error("a file without a beginning has none")
		}
	}
}

func TestWords(t *testing.T) {
	tok, err := tokenizer.Words([]string{"b", "a", "."})
	if err != nil {
		t.Fatal(err)
	}
	if got := tok.Encode("a b c .", true); !slices.Equal(got, []int32{1, 4, 3, 0, 5}) {
		t.Errorf("ids %v", got)
	}
	if got := tok.Decode([]int32{1, 4, 0, 5, 2}, true); got != "a ." {
		t.Errorf("decoded %q", got)
	}
	if got := tok.Decode([]int32{1, 4, 0, 5, 2}, false); got != "<s> a <unk> . </s>" {
		t.Errorf("decoded %q", got)
	}
	again, err := tokenizer.Parse(tok.JSON())
	if err != nil || again.Hash() != tok.Hash() || again.Vocab() != 6 {
		t.Errorf("its own JSON: %v", err)
	}
	eos, ok := tok.EOS()
	if eos != tokenizer.WordsEOS || !ok {
		t.Errorf("EOS %d", eos)
	}
	for want, vocab := range map[string][]string{
		`word 1 of the vocabulary: "a" is there already`:     {"a", "a"},
		`word 0 of the vocabulary: "<s>" is there already`:   {"<s>"},
		`word 0 of the vocabulary: expected UTF-8 without`:   {"a b"},
		`word 1 of the vocabulary: expected UTF-8 without w`: {"a", ""},
	} {
		if _, err := tokenizer.Words(vocab); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestVocabulary(t *testing.T) {
	texts := []string{"b a <s> b", "c a\u2003b \xff"}
	if got := tokenizer.Vocabulary(texts, 0); !slices.Equal(got, []string{"b", "a", "c", "\uFFFD"}) {
		t.Errorf("%q", got)
	}
	if got := tokenizer.Vocabulary(texts, 2); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("%q", got)
	}
}

// One U+FFFD for each maximal subpart: the examples of The Unicode Standard, table 3-8 to 3-11.
func TestWellFormed(t *testing.T) {
	const r = "\uFFFD"
	for given, want := range map[string]string{
		"plain é":                              "plain é",
		"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41": r + r + r + r + r + r + r + r + "A",
		"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41": r + r + r + r + r + r + r + r + "A",
		"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42": r + r + r + r + r + "A" + r + r + "B",
		"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41": r + r + r + r + "A",
		"\xEF\xBF\xBD":                         r,
	} {
		if got := tokenizer.WellFormed(given); got != want {
			t.Errorf("%x: %q, want %q", given, got, want)
		}
	}
}

// Callers share a tokenizer: the space that its calls use again is never two callers' at once.
func TestSharedTokenizer(t *testing.T) {
	tok := parse(t, llama())
	text := strings.Repeat("hell hello ", 50)
	want := tok.Encode(text, true)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := range 50 {
				if got := tok.Encode(text[:n], true); tok.Decode(got, true) != text[:n] {
					t.Errorf("%q: %v", text[:n], got)
				}
				if got := tok.Encode(text, true); !slices.Equal(got, want) {
					t.Error("another caller's tokens")
				}
			}
		})
	}
	all.Wait()
}
