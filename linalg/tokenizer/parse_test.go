package tokenizer_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
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

func source(t testing.TB, file any) []byte {
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
		"not a tokenizer.json: json: unknown field \"extra\"":                                     set(llama(), 1, "extra"),
		"truncation.strategy: expected LongestFirst":                                              set(llama(), object{"max_length": 128}, "truncation"),
		"truncation.max_length: expected at least 1, found -3":                                    set(llama(), object{"max_length": -3, "strategy": "LongestFirst"}, "truncation"),
		"truncation.direction: expected Left or Right, found \"Up\"":                              set(llama(), object{"max_length": 3, "strategy": "LongestFirst", "direction": "Up"}, "truncation"),
		"padding.strategy: expected \"BatchLongest\" or {\"Fixed\": LENGTH}":                      set(llama(), object{}, "padding"),
		"padding with id 999: it is outside the vocabulary of 269":                                set(llama(), object{"strategy": "BatchLongest", "pad_id": 999}, "padding"),
		"model: type Bigram is not supported; supported: BPE, Unigram, WordLevel, WordPiece":      set(llama(), "Bigram", "model", "type"),
		"model: expected an object with a type, found 3":                                          set(llama(), 3, "model"),
		"model: BPE: json: unknown field \"extra\"":                                               set(llama(), 1, "model", "extra"),
		"BPE with byte_fallback behind a pre_tokenizer ByteLevel is not supported":                set(llama(), object{"type": "ByteLevel"}, "pre_tokenizer"),
		"BPE with dropout is not supported":                                                       set(llama(), 0.1, "model", "dropout"),
		"model: type WordLevel behind a pre_tokenizer ByteLevel is not supported; supported: BPE": wordLevel("ByteLevel"),
		"BPE with continuing_subword_prefix is not supported":                                     set(llama(), "##", "model", "continuing_subword_prefix"),
		"BPE with end_of_word_suffix is not supported":                                            set(llama(), "</w>", "model", "end_of_word_suffix"),
		"model.vocab: expected an object of piece: id, found nothing":                             set(llama(), nil, "model", "vocab"),
		"model.vocab: expected an object of piece: id, found []":                                  set(llama(), list{}, "model", "vocab"),
		"model.vocab is empty": set(llama(), object{}, "model", "vocab"),
		"model.vocab[\"h\"]: expected an id from 0 to 2147483647, found \"7\"": set(llama(), "7", "model", "vocab", "h"),
		"model.vocab[\"o\"]: expected an id from 0 to 2147483647, found -1":    set(llama(), -1, "model", "vocab", "o"),
		"model.vocab[\"o\"]: expected an id from 0 to 2147483647, found 1.5":   set(llama(), 1.5, "model", "vocab", "o"),
		"a piece is empty":                             set(llama(), 269, "model", "vocab", ""),
		"belongs to two pieces":                        set(llama(), 260, "model", "vocab", "x"),
		"but no piece has id 269":                      set(llama(), 1000, "model", "vocab", "x"),
		"but no piece has id 269: ids must run from 0": set(llama(), 270, "model", "vocab", "x"),
		"the vocabulary has 269 pieces and ids up to 538, but no piece has id 2":                                                                  set(set(llama(), nil, "model", "vocab", "</s>"), 538, "added_tokens", 2, "id"),
		"added_tokens[1]: \"<s>\" has id -1":                                                                                                      set(llama(), -1, "added_tokens", 1, "id"),
		"the piece <0x0A> is missing":                                                                                                             set(set(llama(), nil, "model", "vocab", "<0x0A>"), 13, "model", "vocab", "x"),
		"model.merges is missing":                                                                                                                 set(llama(), nil, "model", "merges"),
		"model.merges: expected a list, found \"h e\"":                                                                                            set(llama(), "h e", "model", "merges"),
		"model.merges is incomplete: 5 of 269 pieces are made by no merge, the first \"he\"":                                                      set(llama(), list{}, "model", "merges"),
		"model.merges is incomplete: 1 of 269 pieces are made by no merge, the first \"▁hello\"":                                                  set(llama(), list{"h e", "l l", "he ll", "▁ hell"}, "model", "merges"),
		"model.merges[1] joins \"l\" and \"x\", but \"x\" is not in the vocabulary":                                                               set(llama(), "l x", "model", "merges", 1),
		"model.merges[1] joins \"l\" and \"o\", but \"lo\" is not in the vocabulary":                                                              set(llama(), "l o", "model", "merges", 1),
		"model.merges[1] joins \"h\" and \"e\", as merges[0] does":                                                                                set(llama(), "h e", "model", "merges", 1),
		"model.merges[2]: expected two pieces, found \"a b c\"":                                                                                   set(llama(), "a b c", "model", "merges", 2),
		"model.merges[2]: expected \"a b\" or [\"a\", \"b\"], found 5":                                                                            set(llama(), 5, "model", "merges", 2),
		"added_tokens[1]: its content is empty":                                                                                                   set(llama(), "", "added_tokens", 1, "content"),
		"model.unk_token: \"!\" is not in the vocabulary":                                                                                         set(llama(), "!", "model", "unk_token"),
		"added_tokens[2]: \"<s>\" stands twice":                                                                                                   set(llama(), "<s>", "added_tokens", 2, "content"),
		"added token \"<s>\" has id 7, but model.vocab gives it 1":                                                                                set(llama(), 7, "added_tokens", 1, "id"),
		"normalizer: type Nmt is not supported; supported: BertNormalizer, Lowercase, NFC,":                                                       set(llama(), object{"type": "Nmt"}, "normalizer"),
		"normalizer: Precompiled: precompiled_charsmap has 0 bytes; expected at least the 4":                                                      set(llama(), object{"type": "Precompiled"}, "normalizer"),
		"Precompiled: precompiled_charsmap claims a trie of 8 bytes and has 1 behind that":                                                        set(llama(), charsmap(8, "x"), "normalizer"),
		"Precompiled: precompiled_charsmap claims a trie of 0 bytes and has 1 behind that":                                                        set(llama(), charsmap(0, "x"), "normalizer"),
		"precompiled_charsmap: a leaf (unit 1) points out of the text of 1 bytes":                                                                 set(llama(), charsmap(12, "\x00\x00\x00\x00\x01\x0D\x00\x00\x05\x00\x00\x80x"), "normalizer"),
		"precompiled_charsmap: the text is not UTF-8":                                                                                             set(llama(), charsmap(12, "\x00\x00\x00\x00\x01\x0D\x00\x00\x00\x00\x00\x80\xff\x00"), "normalizer"),
		"normalizer: Replace: the Regex \"\\\\s+\" is not supported; supported: characters with quantifiers":                                      set(llama(), object{"type": "Replace", "pattern": object{"Regex": `\s+`}, "content": "c"}, "normalizer"),
		"normalizer: Replace: expected a pattern {\"String\": …} or {\"Regex\": …}":                                                               set(llama(), object{"type": "Replace", "pattern": object{}, "content": "c"}, "normalizer"),
		"normalizer: Replace: the Regex \"a*\" matches nothing at every place":                                                                    set(llama(), object{"type": "Replace", "pattern": object{"Regex": "a*"}, "content": "c"}, "normalizer"),
		"normalizer: a Sequence inside a Sequence is not supported":                                                                               set(llama(), object{"type": "Sequence"}, "normalizer", "normalizers", 0),
		"normalizer: a Sequence keeps its parts in \"normalizers\"":                                                                               set(llama(), object{"type": "Sequence"}, "normalizer"),
		"pre_tokenizer: type UnicodeScripts is not supported; supported: BertPreTokenizer, ByteLevel, ":                                           set(llama(), object{"type": "UnicodeScripts"}, "pre_tokenizer"),
		"pre_tokenizer: ByteLevel must be the last of its Sequence":                                                                               set(llama(), object{"type": "Sequence", "pretokenizers": list{object{"type": "ByteLevel"}, object{"type": "Digits"}}}, "pre_tokenizer"),
		"pre_tokenizer: Metaspace: unknown prepend_scheme \"often\"; known: always, first, never":                                                 set(llama(), object{"type": "Metaspace", "replacement": "_", "prepend_scheme": "often"}, "pre_tokenizer"),
		"pre_tokenizer: Split by the Regex \"\\\\s+\" is not supported; supported, to the letter:\n\tGPT-2: 's|":                                  set(llama(), splitBy(`\s+`), "pre_tokenizer"),
		"pre_tokenizer: Split: expected a pattern {\"String\": …} that is not empty, or {\"Regex\": …}":                                           set(llama(), object{"type": "Split", "pattern": object{"String": ""}, "behavior": "Isolated", "invert": false}, "pre_tokenizer"),
		"pre_tokenizer: Split with behavior \"Merged\"; known: [\"Removed\" \"Isolated\" \"MergedWithPrevious\"":                                  set(llama(), object{"type": "Split", "pattern": object{"String": " "}, "behavior": "Merged", "invert": false}, "pre_tokenizer"),
		"pre_tokenizer: Split by a Regex with behavior \"Isolated\" and invert true is not supported":                                             set(llama(), set(splitBy("a"), true, "invert"), "pre_tokenizer"),
		"pre_tokenizer: Split by a Regex with behavior \"Contiguous\" and invert false is not supported; supported: Isolated":                     set(llama(), set(splitBy("a"), "Contiguous", "behavior"), "pre_tokenizer"),
		"pre_tokenizer: Split: json: unknown field \"extra\"":                                                                                     set(llama(), set(splitBy("a"), 1, "extra"), "pre_tokenizer"),
		"pre_tokenizer: Punctuation with behavior Removed is not supported":                                                                       set(llama(), object{"type": "Punctuation", "behavior": "Removed"}, "pre_tokenizer"),
		"post_processor: type Chat is not supported; supported: BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing, null": set(llama(), object{"type": "Chat"}, "post_processor"),
		"post_processor: BertProcessing: expected a token and its id, as [\"[SEP]\", 102], found 3":                                               set(llama(), object{"type": "BertProcessing", "sep": 3, "cls": list{"<s>", 1}}, "post_processor"),
		"post_processor: id 999 is outside the vocabulary of 269":                                                                                 set(llama(), object{"type": "RobertaProcessing", "sep": list{"<s>", 999}, "cls": list{"<s>", 1}}, "post_processor"),
		"post_processor: ByteLevel behind a template is not supported":                                                                            set(llama(), object{"type": "Sequence", "processors": list{object{"type": "BertProcessing", "sep": list{"<s>", 1}, "cls": list{"<s>", 1}}, object{"type": "ByteLevel"}}}, "post_processor"),
		"post_processor.single[0]: \"<b>\" is not in special_tokens":                                                                              set(llama(), "<b>", "post_processor", "single", 0, "SpecialToken", "id"),
		"post_processor.special_tokens[\"<s>\"]: id 999 is outside the vocabulary of 269":                                                         set(llama(), list{999}, "post_processor", "special_tokens", "<s>", "ids"),
		"post_processor.single: expected each text once, found A 0 times and B 0 times":                                                           set(llama(), list{}, "post_processor", "single"),
		"post_processor.single[0]: expected a SpecialToken or a Sequence":                                                                         set(llama(), object{}, "post_processor", "single", 0),
		"decoder: type CTC is not supported":                                                                                                      set(llama(), object{"type": "CTC"}, "decoder"),
		"decoder: Metaspace: expected a replacement of one character":                                                                             set(llama(), object{"type": "Metaspace", "replacement": "ab"}, "decoder"),
		"decoder: Strip: expected one character":                                                                                                  set(llama(), object{"type": "Strip", "content": "ab"}, "decoder"),
		"model.unk_token: \"!\" is not in model.vocab":                                                                                            set(wordLevel("Whitespace"), "!", "model", "unk_token"),
		"model: WordLevel has no continuing_subword_prefix":                                                                                       set(wordLevel("Whitespace"), "##", "model", "continuing_subword_prefix"),
		"model.unk_id: expected an id of the 1 in model.vocab":                                                                                    object{"model": object{"type": "Unigram", "unk_id": 1, "vocab": list{list{"a", 0}}}},
		"model.vocab[1]: expected a piece and its score":                                                                                          object{"model": object{"type": "Unigram", "unk_id": 0, "vocab": list{list{"a", 0}, list{"b"}}}},
		"model.vocab: piece \"a\" stands twice":                                                                                                   object{"model": object{"type": "Unigram", "unk_id": 0, "vocab": list{list{"a", 0}, list{"a", 0}}}},
		"model.vocab: byte_fallback is on, but the piece <0x00> is missing":                                                                       object{"model": object{"type": "Unigram", "unk_id": 0, "byte_fallback": true, "vocab": list{list{"a", 0}}}},
		"the piece with id 0 has 1025 bytes; at most 1024":                                                                                        object{"model": object{"type": "Unigram", "unk_id": 0, "vocab": list{list{strings.Repeat("a", 1025), 0}}}},
		"padding to 0 tokens, a multiple of 2000000":                                                                                              set(llama(), object{"strategy": "BatchLongest", "pad_to_multiple_of": 2000000}, "padding"),
		"model: WordPiece needs a continuing_subword_prefix":                                                                                      object{"model": object{"type": "WordPiece", "unk_token": "a", "max_input_chars_per_word": 0, "vocab": object{"a": 0}}},
	} {
		_, err := tokenizer.Parse(source(t, file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// charsmap is a Precompiled that claims a trie of so many bytes; the rest are they and the text.
func charsmap(trie uint32, rest string) object {
	return object{"type": "Precompiled", "precompiled_charsmap": append(binary.LittleEndian.AppendUint32(nil, trie), rest...)}
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

// Added tokens may leave ids without a piece, as GPT-4's do; such an id has no text.
func TestHoles(t *testing.T) {
	file := set(set(llama(), nil, "model", "vocab", "</s>"), 2, "model", "vocab", "x")
	tok := parse(t, set(file, 300, "added_tokens", 2, "id"))
	if piece, ok := tok.Piece(299); ok || tok.Vocab() != 301 {
		t.Errorf("id 299 is %q, of %d", piece, tok.Vocab())
	}
	if got := tok.Encode("x</s>", false); !slices.Equal(got, []int32{259, 2, 300}) {
		t.Errorf("ids %v", got)
	}
	if got := tok.Decode([]int32{299, 2, 270, 300}, false); got != "x</s>" {
		t.Errorf("decoded %q", got)
	}
}

// What json.Unmarshal reads, the cursor reads, however it is written.
func TestParseSpelledOtherwise(t *testing.T) {
	plain := source(t, llama())
	var odd bytes.Buffer
	if err := json.Indent(&odd, plain, "\r", "\t "); err != nil {
		t.Fatal(err)
	}
	escaped := strings.NewReplacer(`▁`, `\u2581`, `"hell"`, `"h\u0065ll"`, `"h e"`, `"h\u0020e"`, `"l":`, `"\u006c"  :`).Replace(odd.String())
	if escaped == odd.String() {
		t.Fatal("nothing is spelled otherwise")
	}
	want, got := parse(t, json.RawMessage(plain)), parse(t, json.RawMessage(escaped))
	for id := range want.Vocab() {
		a, _ := want.Piece(int32(id))
		if b, _ := got.Piece(int32(id)); a != b {
			t.Errorf("id %d: %q, want %q", id, b, a)
		}
	}
	if a, b := want.Encode("hello hell lo", true), got.Encode("hello hell lo", true); !slices.Equal(a, b) {
		t.Errorf("ids %v, want %v", b, a)
	}
}
