package tokenizer_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/tokenizer"
)

type (
	object = map[string]any
	list   = []any
)

// llama is a tokenizer.json of the Llama family in small: three special tokens, 256 bytes and
// the pieces of "▁hello".
func llama() object {
	vocab := object{"<unk>": 0, "<s>": 1, "</s>": 2}
	for b := range 256 {
		vocab[fmt.Sprintf("<0x%02X>", b)] = 3 + b
	}
	for i, piece := range []string{"▁", "h", "e", "l", "o", "he", "ll", "hell", "▁hell", "▁hello"} {
		vocab[piece] = 259 + i
	}
	var added list
	for id, name := range []string{"<unk>", "<s>", "</s>"} {
		added = append(added, object{"id": id, "content": name, "special": true})
	}
	return object{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added,
		"normalizer": object{"type": "Sequence", "normalizers": list{
			object{"type": "Prepend", "prepend": "▁"},
			object{"type": "Replace", "pattern": object{"String": " "}, "content": "▁"},
		}},
		"pre_tokenizer": nil,
		"post_processor": object{"type": "TemplateProcessing",
			"single":         list{object{"SpecialToken": object{"id": "<s>", "type_id": 0}}, object{"Sequence": object{"id": "A", "type_id": 0}}},
			"pair":           list{},
			"special_tokens": object{"<s>": object{"id": "<s>", "ids": list{1}, "tokens": list{"<s>"}}}},
		"decoder": object{"type": "Sequence", "decoders": list{
			object{"type": "Replace", "pattern": object{"String": "▁"}, "content": " "},
			object{"type": "ByteFallback"}, object{"type": "Fuse"},
			object{"type": "Strip", "content": " ", "start": 1, "stop": 0},
		}},
		"model": object{"type": "BPE", "dropout": nil, "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
			"vocab": vocab, "merges": list{"h e", list{"l", "l"}, "he ll", "▁ hell", "▁hell o"}},
	}
}

// wordLevel is a tokenizer.json of type WordLevel.
func wordLevel(split string) object {
	return object{"model": object{"type": "WordLevel", "unk_token": "?", "vocab": object{"?": 0, "don": 1, "'": 2, "t": 3, "don't": 4, "go_2": 5}},
		"pre_tokenizer": object{"type": split}}
}

func source(t *testing.T, file any) []byte {
	t.Helper()
	src, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// set changes one place of a file, by keys and indexes.
func set(file object, value any, path ...any) object {
	var at any = file
	for _, key := range path[:len(path)-1] {
		if i, ok := key.(int); ok {
			at = at.(list)[i]
		} else {
			at = at.(object)[key.(string)]
		}
	}
	switch key := path[len(path)-1].(type) {
	case int:
		at.(list)[key] = value
	case string:
		if value == nil {
			delete(at.(object), key)
		} else {
			at.(object)[key] = value
		}
	}
	return file
}

func TestParseErrors(t *testing.T) {
	for want, file := range map[string]any{
		"model is missing": set(llama(), nil, "model"),
		"not a tokenizer.json: json: unknown field \"extra\"":                  set(llama(), 1, "extra"),
		"truncation: expected null, found {\"max_length\":128}":                set(llama(), object{"max_length": 128}, "truncation"),
		"padding: expected null":                                               set(llama(), object{}, "padding"),
		"model: type WordPiece is not supported; supported: BPE, WordLevel":    set(llama(), "WordPiece", "model", "type"),
		"model: expected an object with a type, found 3":                       set(llama(), 3, "model"),
		"model: json: unknown field \"extra\"":                                 set(llama(), 1, "model", "extra"),
		"BPE with byte_fallback: false is not supported":                       set(llama(), false, "model", "byte_fallback"),
		"BPE with dropout is not supported":                                    set(llama(), 0.1, "model", "dropout"),
		"BPE with ignore_merges is not supported":                              set(llama(), true, "model", "ignore_merges"),
		"BPE with continuing_subword_prefix is not supported":                  set(llama(), "##", "model", "continuing_subword_prefix"),
		"BPE with end_of_word_suffix is not supported":                         set(llama(), "</w>", "model", "end_of_word_suffix"),
		"model.vocab: expected an object of piece: id, found nothing":          set(llama(), nil, "model", "vocab"),
		"model.vocab: expected an object of piece: id, found []":               set(llama(), list{}, "model", "vocab"),
		"model.vocab is empty":                                                 set(llama(), object{}, "model", "vocab"),
		"model.vocab[\"h\"]: expected an id from 0 to 2147483647, found \"7\"": set(llama(), "7", "model", "vocab", "h"),
		"model.vocab[\"o\"]: expected an id from 0 to 2147483647, found -1":    set(llama(), -1, "model", "vocab", "o"),
		"model.vocab[\"o\"]: expected an id from 0 to 2147483647, found 1.5":   set(llama(), 1.5, "model", "vocab", "o"),
		"a piece is empty":                             set(llama(), 269, "model", "vocab", ""),
		"belongs to two pieces":                        set(llama(), 260, "model", "vocab", "x"),
		"but no piece has id 269":                      set(llama(), 1000, "model", "vocab", "x"),
		"the piece <0x0A> is missing":                  set(set(llama(), nil, "model", "vocab", "<0x0A>"), 13, "model", "vocab", "x"),
		"model.merges is missing":                      set(llama(), nil, "model", "merges"),
		"model.merges: expected a list, found \"h e\"": set(llama(), "h e", "model", "merges"),
		"model.merges is incomplete: 5 of 269 pieces are made by no merge, the first \"he\"":       set(llama(), list{}, "model", "merges"),
		"model.merges is incomplete: 1 of 269 pieces are made by no merge, the first \"▁hello\"":   set(llama(), list{"h e", "l l", "he ll", "▁ hell"}, "model", "merges"),
		"model.merges[1] joins \"l\" and \"x\", but \"x\" is not in the vocabulary":                set(llama(), "l x", "model", "merges", 1),
		"model.merges[1] joins \"l\" and \"o\", but \"lo\" is not in the vocabulary":               set(llama(), "l o", "model", "merges", 1),
		"model.merges[1] joins \"h\" and \"e\", as merges[0] does":                                 set(llama(), "h e", "model", "merges", 1),
		"model.merges[2]: expected two pieces, found \"a b c\"":                                    set(llama(), "a b c", "model", "merges", 2),
		"model.merges[2]: expected \"a b\" or [\"a\", \"b\"], found 5":                             set(llama(), 5, "model", "merges", 2),
		"added_tokens[1]: its content is empty":                                                    set(llama(), "", "added_tokens", 1, "content"),
		"added_tokens[1] (\"<s>\"): single_word, lstrip, rstrip and normalized must be false":      set(llama(), true, "added_tokens", 1, "lstrip"),
		"added_tokens[2]: \"<s>\" stands twice":                                                    set(llama(), "<s>", "added_tokens", 2, "content"),
		"added token \"<s>\" has id 7, but model.vocab gives it 1":                                 set(llama(), 7, "added_tokens", 1, "id"),
		"normalizer: type NFKC is not supported; supported: Prepend, Replace, Sequence":            set(llama(), object{"type": "NFKC"}, "normalizer"),
		"normalizer: Replace of \"ab\" by \"c\" is not supported":                                  set(llama(), object{"type": "Replace", "pattern": object{"String": "ab"}, "content": "c"}, "normalizer"),
		"normalizer: Replace: expected a pattern {\"String\": …}":                                  set(llama(), object{"type": "Replace", "pattern": object{"Regex": "a+"}, "content": "c"}, "normalizer"),
		"normalizer: a Sequence inside a Sequence is not supported":                                set(llama(), object{"type": "Sequence"}, "normalizer", "normalizers", 0),
		"normalizer: a Sequence keeps its parts in \"normalizers\"":                                set(llama(), object{"type": "Sequence"}, "normalizer"),
		"pre_tokenizer: type ByteLevel is not supported; supported: Whitespace, WhitespaceSplit, ": set(llama(), object{"type": "ByteLevel"}, "pre_tokenizer"),
		"post_processor: type RobertaProcessing is not supported":                                  set(llama(), object{"type": "RobertaProcessing"}, "post_processor"),
		"post_processor.single[0]: \"<b>\" is not in special_tokens":                               set(llama(), "<b>", "post_processor", "single", 0, "SpecialToken", "id"),
		"post_processor.special_tokens[\"<s>\"]: id 999 is outside the vocabulary of 269":          set(llama(), list{999}, "post_processor", "special_tokens", "<s>", "ids"),
		"post_processor.single: expected the text once, found it 0 times":                          set(llama(), list{}, "post_processor", "single"),
		"post_processor.single[0]: expected a SpecialToken or a Sequence":                          set(llama(), object{}, "post_processor", "single", 0),
		"decoder: type Metaspace is not supported":                                                 set(llama(), object{"type": "Metaspace"}, "decoder"),
		"decoder: Strip: expected one character":                                                   set(llama(), object{"type": "Strip", "content": "ab"}, "decoder"),
		"model.unk_token: \"!\" is not in model.vocab":                                             set(wordLevel("Whitespace"), "!", "model", "unk_token"),
	} {
		_, err := tokenizer.Parse(source(t, file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestParseBrokenJSON(t *testing.T) {
	good := string(source(t, llama()))
	for want, src := range map[string]string{
		"the file is empty":                  "",
		"unexpected EOF":                     good[:len(good)/2],
		"something follows":                  good + "{}",
		"cannot unmarshal array":             "[]",
		`piece "h" stands twice, with ids 1`: strings.Replace(good, `"vocab":{`, `"vocab":{"h":1,`, 1),
	} {
		_, err := tokenizer.Parse([]byte(src))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// Any bytes end in an error or in a tokenizer that keeps its promises on any text.
func FuzzParse(f *testing.F) {
	for _, file := range []object{llama(), wordLevel("Whitespace"), wordLevel("WhitespaceSplit")} {
		src, err := json.Marshal(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src, "hello <s> h\xffi don't\n")
	}
	f.Fuzz(func(t *testing.T, src []byte, text string) {
		tok, err := tokenizer.Parse(src)
		if err != nil {
			return
		}
		checkPromises(t, tok, text)
	})
}

// FuzzEncode is FuzzParse with a good file, so that every input reaches the encoder.
func FuzzEncode(f *testing.F) {
	src, err := json.Marshal(llama())
	if err != nil {
		f.Fatal(err)
	}
	tok, err := tokenizer.Parse(src)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(" hello\x00</s>\xe2\x82")
	f.Fuzz(func(t *testing.T, text string) {
		checkPromises(t, tok, text)
		if strings.Contains(text, "<") {
			return // a special token may be in it, and the piece behind it gets a mark of its own
		}
		want := strings.ReplaceAll(tokenizer.WellFormed(text), "▁", " ")
		if got := tok.Decode(tok.Encode(text, true), true); got != want {
			t.Errorf("%q comes back as %q", text, got)
		}
	})
}

func checkPromises(t *testing.T, tok *tokenizer.Tokenizer, text string) {
	t.Helper()
	chars, end := len([]rune(tokenizer.WellFormed(text))), 0
	for _, token := range tok.EncodeOffsets(text, false) {
		if token.ID < 0 || int(token.ID) >= tok.Vocab() {
			t.Errorf("%q: id %d of %d", text, token.ID, tok.Vocab())
		}
		if token.Start > token.End || token.End < end || token.End > chars {
			t.Errorf("%q: offsets %d…%d after %d, of %d", text, token.Start, token.End, end, chars)
		}
		end = token.End
	}
	tok.Decode(tok.Encode(text, true), false)
}
