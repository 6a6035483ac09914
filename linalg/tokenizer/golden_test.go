package tokenizer_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// goldenFile is one golden/tokenizer/NAME.json.
type goldenFile struct {
	Tokenizer string
	Note      string
	Cases     []goldenCase
	Decode    []struct {
		IDs     []int32
		Decoded string
		Special string `json:"decoded_with_special"`
	}
}

// goldenCase is one string, or with A and B a pair of them.
type goldenCase struct {
	I       int
	IDs     []int32
	Offsets []int   // start, end, start, end … in code points
	Decoded *string // absent: equal to the text
	A, B    *string
	Types   []int32 `json:"type_ids"`
	Mask    []int32 `json:"attention_mask"`
}

// goldenString is one entry of strings.json; with Base64 the bytes are not UTF-8 and Text is
// what they are repaired to.
type goldenString struct{ Kind, Text, Base64 string }

func (s goldenString) given(t *testing.T) string {
	if s.Base64 == "" {
		return s.Text
	}
	raw, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestGoldenTokenizers runs every tokenizer that the folder has: all ids and offsets of all
// strings, all decoded texts.
func TestGoldenTokenizers(t *testing.T) {
	dir := linalgtest.Golden(t, "tokenizer")
	var list struct{ Strings []goldenString }
	linalgtest.ReadJSON(t, filepath.Join(dir, "strings.json"), &list)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if name == "strings" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var g goldenFile
			linalgtest.ReadJSON(t, path, &g)
			if g.Tokenizer == "" {
				t.Skip("no tokenizer: this is for TestGoldenTraining")
			}
			source, err := os.ReadFile(tokenizerOf(t, path, g))
			if err != nil {
				t.Fatal(err)
			}
			tok, err := tokenizer.Parse(source)
			linalgtest.Settle(t, "tokenizer/"+kindOf(t, source), err)
			g.check(t, tok, list.Strings)
		})
	}
}

// kindOf names the kind of a tokenizer.json as the list of unbuilt cases does.
func kindOf(t *testing.T, source []byte) string {
	var f struct {
		Model struct {
			Type         string
			ByteFallback bool `json:"byte_fallback"`
		}
	}
	if err := json.Unmarshal(source, &f); err != nil {
		t.Fatal(err)
	}
	if f.Model.Type == "BPE" && !f.Model.ByteFallback {
		return "byte-level"
	}
	return f.Model.Type
}

// tokenizerOf finds the tokenizer.json that a golden file names, from the folder of the
// golden file or from that in which `golden` lies.
func tokenizerOf(t *testing.T, path string, g goldenFile) string {
	t.Helper()
	near := filepath.Join(filepath.Dir(path), g.Tokenizer)
	if _, err := os.Stat(near); err == nil {
		return near
	}
	return linalgtest.Beside(t, g.Tokenizer)
}

// check compares every id, offset and decoded text.
func (g goldenFile) check(t *testing.T, tok *tokenizer.Tokenizer, list []goldenString) {
	for i, c := range g.Cases {
		if c.A != nil {
			g.checkPair(t, tok, i)
			continue
		}
		s := list[c.I]
		tokens := tok.EncodeOffsets(s.given(t), true)
		var ids []int32
		var offsets []int
		for _, token := range tokens {
			ids, offsets = append(ids, token.ID), append(offsets, token.Start, token.End)
		}
		if !slices.Equal(ids, c.IDs) {
			t.Errorf("string %d (%s, %.60q): ids\n%v, want\n%v", c.I, s.Kind, s.Text, ids, c.IDs)
		} else if !slices.Equal(offsets, c.Offsets) {
			t.Errorf("string %d (%s, %.60q): offsets\n%v, want\n%v", c.I, s.Kind, s.Text, offsets, c.Offsets)
		}
		want := s.Text
		if c.Decoded != nil {
			want = *c.Decoded
		}
		if got := tok.Decode(c.IDs, true); got != want {
			t.Errorf("string %d (%s): decoded %.80q, want %.80q", c.I, s.Kind, got, want)
		}
	}
	for i, d := range g.Decode {
		if got := tok.Decode(d.IDs, true); got != d.Decoded {
			t.Errorf("decode[%d] %v: %q, want %q", i, d.IDs, got, d.Decoded)
		}
		if got := tok.Decode(d.IDs, false); got != d.Special {
			t.Errorf("decode[%d] %v with special tokens: %q, want %q", i, d.IDs, got, d.Special)
		}
	}
}

var limits = regexp.MustCompile(`truncation max_length=(\d+) longest_first right, padding to (\d+) right`)

// checkPair compares a pair, cut and filled as the note of the file says.
func (g goldenFile) checkPair(t *testing.T, tok *tokenizer.Tokenizer, i int) {
	c := g.Cases[i]
	found := limits.FindStringSubmatch(g.Note)
	if found == nil {
		t.Fatalf("the note %q does not say how pairs are cut", g.Note)
	}
	most, _ := strconv.Atoi(found[1])
	length, _ := strconv.Atoi(found[2])
	fill, ok := tok.Padding()
	if !ok {
		t.Fatal("the file has no padding token")
	}
	fill.Tokens = length
	batch, err := tok.EncodeBatch([]tokenizer.Input{{Text: *c.A, Pair: *c.B, Two: true}}, tokenizer.Options{
		Special: true, Truncate: &tokenizer.Truncation{Tokens: most, Strategy: tokenizer.LongestFirst}, Pad: &fill})
	if err != nil {
		t.Fatal(err)
	}
	var ids, types []int32
	for _, token := range batch[0].Tokens {
		ids, types = append(ids, token.ID), append(types, token.Type)
	}
	if !slices.Equal(ids, c.IDs) || !slices.Equal(types, c.Types) || !slices.Equal(batch[0].Mask, c.Mask) {
		t.Errorf("pair %d: ids, types, mask\n%v\n%v\n%v, want\n%v\n%v\n%v", i, ids, types, batch[0].Mask, c.IDs, c.Types, c.Mask)
	}
}
