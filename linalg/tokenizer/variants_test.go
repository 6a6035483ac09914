package tokenizer_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// variants is testdata/variants.json, which variants.py beside it makes with the library.
type variants struct {
	Texts []string
	Pairs [][2]string
	Cases []struct {
		Name  string
		File  json.RawMessage
		Texts []variant
		Pairs []variant
		Batch [][]int32
	}
}

// variant is what the library makes of one text or one pair.
type variant struct {
	IDs, Types, Mask []int32
	Offsets          []int   // absent where the library's are not true (see variants.py)
	Plain            []int32 // without the template
	Decoded, Special string
	Error            string
}

// Every kind of part that a tokenizer.json may have agrees with the library in ids, types,
// masks, offsets and decoded texts.
func TestVariants(t *testing.T) {
	var v variants
	linalgtest.ReadJSON(t, variantsFile(), &v)
	for _, c := range v.Cases {
		t.Run(c.Name, func(t *testing.T) {
			tok, err := tokenizer.Parse(c.File)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range c.Texts {
				text := v.Texts[i]
				want.check(t, tok, text, tokenizer.Input{Text: text})
				if got := tok.Decode(want.IDs, true); got != want.Decoded {
					t.Errorf("%q: decoded %q, want %q", text, got, want.Decoded)
				}
				if got := tok.Decode(want.IDs, false); got != want.Special {
					t.Errorf("%q: decoded with special tokens %q, want %q", text, got, want.Special)
				}
				if _, cut := tok.Truncation(); cut {
					continue
				}
				if got := tok.Encode(text, false); !slices.Equal(got, unfilled(tok, want.Plain)) {
					t.Errorf("%q: ids without template %v, want %v", text, got, want.Plain)
				}
				if got := tok.Encode(text, true); !slices.Equal(got, unfilled(tok, want.IDs)) {
					t.Errorf("%q: ids %v, want %v", text, got, want.IDs)
				}
			}
			for i, want := range c.Pairs {
				a, b := v.Pairs[i][0], v.Pairs[i][1]
				want.check(t, tok, a+" | "+b, tokenizer.Input{Text: a, Pair: b, Two: true})
			}
			var inputs []tokenizer.Input
			for _, text := range v.Texts[:len(c.Batch)] {
				inputs = append(inputs, tokenizer.Input{Text: text})
			}
			for i, e := range encode(t, tok, inputs) {
				if got := idsOf(e.Tokens); !slices.Equal(got, c.Batch[i]) {
					t.Errorf("%q in a batch: %v, want %v", v.Texts[i], got, c.Batch[i])
				}
			}
		})
	}
}

func variantsFile() string {
	if path := os.Getenv("LORAMESH_VARIANTS"); path != "" {
		return path
	}
	return "testdata/variants.json"
}

// encode encodes as the file wishes, which is what the library does by itself.
func encode(t *testing.T, tok *tokenizer.Tokenizer, inputs []tokenizer.Input) []tokenizer.Encoding {
	t.Helper()
	batch, err := tok.EncodeBatch(inputs, wishes(tok))
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

func wishes(tok *tokenizer.Tokenizer) tokenizer.Options {
	o := tokenizer.Options{Special: true}
	if cut, ok := tok.Truncation(); ok {
		o.Truncate = &cut
	}
	if fill, ok := tok.Padding(); ok {
		o.Pad = &fill
	}
	return o
}

func (want variant) check(t *testing.T, tok *tokenizer.Tokenizer, text string, in tokenizer.Input) {
	t.Helper()
	batch, err := tok.EncodeBatch([]tokenizer.Input{in}, wishes(tok))
	if err != nil || want.Error != "" {
		if err == nil || want.Error == "" {
			t.Errorf("%q: error %v, want %q", text, err, want.Error)
		}
		return
	}
	e := batch[0]
	var types []int32
	var offsets []int
	for _, token := range e.Tokens {
		types, offsets = append(types, token.Type), append(offsets, token.Start, token.End)
	}
	if got := idsOf(e.Tokens); !slices.Equal(got, want.IDs) {
		t.Errorf("%q: ids %v, want %v", text, got, want.IDs)
		return
	}
	if want.Offsets != nil && !slices.Equal(offsets, want.Offsets) {
		t.Errorf("%q: offsets %v, want %v", text, offsets, want.Offsets)
	}
	if !slices.Equal(types, want.Types) || !slices.Equal(e.Mask, want.Mask) {
		t.Errorf("%q: types %v and mask %v, want %v and %v", text, types, e.Mask, want.Types, want.Mask)
	}
}

func idsOf(tokens []tokenizer.Token) []int32 {
	ids := []int32{}
	for _, token := range tokens {
		ids = append(ids, token.ID)
	}
	return ids
}

// unfilled takes padding off the end, which Encode does not do.
func unfilled(tok *tokenizer.Tokenizer, ids []int32) []int32 {
	fill, ok := tok.Padding()
	for ok && len(ids) > 0 && ids[len(ids)-1] == fill.ID {
		ids = ids[:len(ids)-1]
	}
	return ids
}
