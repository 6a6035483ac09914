package base_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/simtest"
)

// A folder without tokenizer.json may have GPT-2's older files.
func TestTokenizerOfOlderFiles(t *testing.T) {
	made, _, err := tokenizer.Train([]string{"the cat"}, tokenizer.Training{Vocab: 257, Special: []string{"<|endoftext|>"}})
	if err != nil {
		t.Fatal(err)
	}
	vocab := map[string]int{}
	for id := range made.Vocab() {
		piece, _ := made.Piece(int32(id))
		vocab[piece] = id
	}
	text, err := json.Marshal(vocab)
	if err != nil {
		t.Fatal(err)
	}
	f := simtest.Files{"hf/vocab.json": string(text), "hf/merges.txt": "#version: 0.2\n"}
	tok, err := base.Tokenizer("hf", f)
	if err != nil || tok.Vocab() != 257 {
		t.Errorf("%v", err)
	}
	f["hf/merges.txt"] = "a b c"
	if _, err := base.Tokenizer("hf", f); err == nil || !strings.Contains(err.Error(), "hf: merges.txt:1: ") {
		t.Errorf("got %v", err)
	}
	delete(f, "hf/merges.txt")
	if _, err := base.Tokenizer("hf", f); err == nil || !strings.Contains(err.Error(), "hf has no tokenizer.json") {
		t.Errorf("got %v", err)
	}
}
