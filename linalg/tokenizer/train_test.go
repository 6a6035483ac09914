package tokenizer_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// goldenTraining is golden/tokenizer/train.json: two corpora with the merges that come out.
type goldenTraining struct {
	Corpus       string
	Special      []string `json:"special_tokens"`
	Vocab        int      `json:"vocab_size"`
	Frequency    int      `json:"min_frequency"`
	Merges       [][3]any
	Ties         []string `json:"ties_corpus"`
	TiesVocab    int      `json:"ties_vocab_size"`
	TiesMerges   [][3]any `json:"ties_merges"`
	TiesSettings struct {
		Vocab     int `json:"vocab_size"`
		Frequency int `json:"min_frequency"`
	} `json:"ties_settings"`
}

func TestGoldenTraining(t *testing.T) {
	path := filepath.Join(linalgtest.Golden(t, "tokenizer"), "train.json")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no golden training: %v", err)
	}
	var g goldenTraining
	linalgtest.ReadJSON(t, path, &g)
	train := func(texts []string, vocab, frequency int, want [][3]any) *tokenizer.Tokenizer {
		tok, merges, err := tokenizer.Train(texts, tokenizer.Training{Vocab: vocab, Frequency: frequency, Special: g.Special})
		if err != nil {
			t.Fatal(err)
		}
		for i := range max(len(want), len(merges)) {
			var got, w [3]any
			if i < len(merges) {
				got = [3]any{merges[i].Left, merges[i].Right, float64(merges[i].Count)}
			}
			if i < len(want) {
				w = want[i]
			}
			if got != w {
				t.Fatalf("merge %d of %d: %v, want %v", i, len(want), got, w)
			}
		}
		return tok
	}
	tok := train(g.Ties, g.TiesSettings.Vocab, g.TiesSettings.Frequency, g.TiesMerges)
	if tok.Vocab() != g.TiesVocab {
		t.Errorf("%d pieces, want %d", tok.Vocab(), g.TiesVocab)
	}
	corpus := filepath.Join(filepath.Dir(path), "..", "..", "..", g.Corpus) // written from above the shared folder
	text, err := os.ReadFile(corpus)
	if err != nil {
		t.Skipf("the corpus of the golden training is absent: %v", err)
	}
	lines := slices.Collect(strings.Lines(string(text)))
	tok = train(lines, g.Vocab, g.Frequency, g.Merges)
	sample := string(text[:min(len(text), 10000)])
	if got := tok.Decode(tok.Encode(sample, true), true); got != sample {
		t.Error("the trained tokenizer does not give its corpus back")
	}
}

func TestTrainErrors(t *testing.T) {
	for want, wish := range map[string]tokenizer.Training{
		"vocabulary of 256: expected at least 257, for 256 bytes and 1 special tokens": {Vocab: 256, Special: []string{"<s>"}},
		"special token 1: expected UTF-8 of at least two characters that no other has": {Vocab: 300, Special: []string{"<s>", "<s>"}},
		"special token 0: expected UTF-8 of at least two characters":                   {Vocab: 300, Special: []string{"x"}},
	} {
		if _, _, err := tokenizer.Train([]string{"a"}, wish); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// The order of texts, and of the maps inside, leaves no trace.
func TestTrainIsDeterministic(t *testing.T) {
	texts := strings.SplitAfter(strings.Repeat("the cat sat on the mat\nthat hat\nabab baba\n", 3), "\n")
	wish := tokenizer.Training{Vocab: 290, Special: []string{"<s>", "</s>"}}
	want, _, err := tokenizer.Train(texts, wish)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		texts = append(texts[1:], texts[0])
		got, _, err := tokenizer.Train(texts, wish)
		if err != nil || got.Hash() != want.Hash() {
			t.Fatalf("another tokenizer: %v", err)
		}
	}
	if got := want.Decode(want.Encode("that cat é\xff</s>", true), true); got != "that cat é\uFFFD" {
		t.Errorf("decoded %q", got)
	}
}
