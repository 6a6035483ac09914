package tokenizer_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// patterns is testdata/patterns.json, which patterns.py beside it makes with the library.
type patterns struct {
	Texts  []string
	Groups []struct {
		Name     string
		Patterns []string  // which divide alike
		Words    [][]int   // where the words of each text end, in code points
		Model    object    // what differs from GPT-2's model
		IDs      [][]int32 // of the first texts, over GPT-2's vocabulary
	}
}

func readPatterns(t *testing.T) (p patterns) {
	t.Helper()
	path := "testdata/patterns.json"
	if other := os.Getenv("LORAMESH_PATTERNS"); other != "" {
		path = other
	}
	linalgtest.ReadJSON(t, path, &p)
	return p
}

func splitBy(pattern string) object {
	return object{"type": "Split", "pattern": object{"Regex": pattern}, "behavior": "Isolated", "invert": false}
}

// Each supported pattern divides as in the library. With a vocabulary of nothing each word is
// one unknown token, and its offsets are the word's.
func TestSplitPatterns(t *testing.T) {
	p := readPatterns(t)
	for _, g := range p.Groups {
		for _, pattern := range g.Patterns {
			tok := parse(t, object{"pre_tokenizer": splitBy(pattern),
				"model": object{"type": "WordLevel", "unk_token": "?", "vocab": object{"?": 0}}})
			for i, text := range p.Texts {
				at := 0
				var ends []int
				for _, token := range tok.EncodeOffsets(text, true) {
					if token.Start != at {
						t.Errorf("%s: %q: a word begins at %d, the one before ends at %d", g.Name, text, token.Start, at)
					}
					at = token.End
					ends = append(ends, at)
				}
				if !slices.Equal(ends, g.Words[i]) {
					t.Errorf("%s: %q: words end at %v, want %v", pattern, text, ends, g.Words[i])
				}
			}
		}
	}
}

// Behind a Split, GPT-2's vocabulary gives the library's ids, with ignore_merges and without,
// and the text comes back.
func TestSplitsOverGPT2(t *testing.T) {
	src := gpt2Source(t)
	p := readPatterns(t)
	for _, g := range p.Groups {
		for _, pattern := range g.Patterns {
			tok := parse(t, behindSplit(t, src, pattern, g.Model))
			for i, want := range g.IDs {
				text := p.Texts[i]
				if got := tok.Encode(text, true); !slices.Equal(got, want) {
					t.Errorf("%s: %q: ids %v, want %v", g.Name, text, got, want)
				}
				if got := tok.Decode(want, false); got != tokenizer.WellFormed(text) {
					t.Errorf("%s: %q comes back as %q", g.Name, text, got)
				}
			}
		}
	}
}

// behindSplit is a byte-level tokenizer.json with another way to split, and another model as
// far as changes says.
func behindSplit(t *testing.T, src []byte, pattern string, changes object) object {
	t.Helper()
	var file object
	if err := json.Unmarshal(src, &file); err != nil {
		t.Fatal(err)
	}
	file["pre_tokenizer"] = object{"type": "Sequence", "pretokenizers": list{splitBy(pattern),
		object{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}}}
	for field, value := range changes {
		set(file, value, "model", field)
	}
	return file
}
