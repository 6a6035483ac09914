package tokenizer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// The older pair of files gives what tokenizer.json gives.
func TestFromMergesIsGPT2(t *testing.T) {
	dir := filepath.Join(linalgtest.Golden(t, "tokenizer"), "..", "..", "data", "tokenizer_gpt2")
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Skipf("no GPT-2: %v", err)
		}
		return b
	}
	old, err := tokenizer.FromMerges(read("vocab.json"), read("merges.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := parse(t, json.RawMessage(read("tokenizer.json")))
	var list struct{ Strings []goldenString }
	linalgtest.ReadJSON(t, filepath.Join(linalgtest.Golden(t, "tokenizer"), "strings.json"), &list)
	for _, s := range list.Strings {
		if a, b := old.Encode(s.given(t), true), want.Encode(s.given(t), true); !slices.Equal(a, b) {
			t.Errorf("%q: %v, want %v", s.Text, a, b)
		}
	}
}

func TestFromMergesErrors(t *testing.T) {
	tok, merges, err := tokenizer.Train([]string{"hello hello"}, tokenizer.Training{Vocab: 262, Special: []string{"<|endoftext|>"}})
	if err != nil {
		t.Fatal(err)
	}
	vocab := object{}
	for id := range tok.Vocab() {
		piece, _ := tok.Piece(int32(id))
		vocab[piece] = id
	}
	text := "#version: 0.2\n"
	for _, m := range merges {
		text += m.Left + " " + m.Right + "\n"
	}
	good, err := tokenizer.FromMerges(source(t, vocab), []byte(text))
	if err != nil || !slices.Equal(good.Encode("hello hello", true), tok.Encode("hello hello", true)) {
		t.Fatalf("its own pieces and merges: %v", err)
	}
	lacking := set(object{"x": vocab}, nil, "x", "<|endoftext|>")["x"]
	for want, files := range map[string][2]string{
		"vocab.json: model.vocab: expected an object":            {"[]", text},
		"vocab.json has no <|endoftext|>":                        {`{"a": 0}`, text},
		"vocab.json: the vocabulary has 261 pieces and ids up":   {string(source(t, lacking)), text},
		"merges.txt:3: expected two pieces":                      {`{"<|endoftext|>": 0}`, "#version\na b\nabc\n"},
		"vocab.json and merges.txt: model.merges[0] joins \"a\"": {`{"<|endoftext|>": 0}`, "a b"},
	} {
		if _, err := tokenizer.FromMerges([]byte(files[0]), []byte(files[1])); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
