package tokenizer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// A long word costs every model time in proportion to its length, give or take a
// logarithm.
func TestLongWords(t *testing.T) {
	const bytes = 1 << 18
	long := strings.Repeat("hello", bytes/5)
	digits := make([]byte, bytes)
	for i := range digits {
		digits[i] = "abcdefgh"[(i*i+i/7)%8]
	}
	trained, _, err := tokenizer.Train([]string{"hello hellohello abc"}, tokenizer.Training{Vocab: 262})
	if err != nil {
		t.Fatal(err)
	}
	ladder := list{list{"?", -1}}
	for n := 1; n <= 100; n++ {
		ladder = append(ladder, list{strings.Repeat("l", n), -n})
	}
	toks := map[string]*tokenizer.Tokenizer{
		"byte-level": trained,
		"Llama":      parse(t, llama()),
		"Unigram":    parse(t, object{"model": object{"type": "Unigram", "unk_id": 0, "vocab": ladder}}),
		"WordPiece": parse(t, object{"model": object{"type": "WordPiece", "unk_token": "?", "max_input_chars_per_word": 1 << 30,
			"vocab": object{"?": 0, "h": 1, "##e": 2, "##l": 3, "##lo": 4, "##h": 5}}}),
		"normal forms": parse(t, object{"normalizer": object{"type": "NFC"}, "model": object{"type": "WordLevel", "unk_token": "?", "vocab": object{"?": 0}}}),
	}
	for name, tok := range toks {
		for kind, text := range map[string]string{"repeats": long, "no pattern": string(digits), "one letter": strings.Repeat("l", bytes),
			"marks": strings.Repeat("a\u0323\u0301\u0301", bytes/7), "only marks": "e" + strings.Repeat("\u0301\u0323", bytes/4)} {
			began := time.Now()
			tok.Encode(text, true)
			if took := time.Since(began); took > 20*time.Second { // some tenths of a second, as a rule
				t.Errorf("%s, %s: %v for 256 KiB", name, kind, took)
			}
		}
	}
}
