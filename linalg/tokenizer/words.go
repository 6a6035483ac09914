package tokenizer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Ids of the three tokens that every tokenizer of [Words] begins with.
const (
	WordsUnknown = 0 // <unk>
	WordsBOS     = 1 // <s>
	WordsEOS     = 2 // </s>
)

var wordsSpecial = []string{"<unk>", "<s>", "</s>"}

// Words makes a WordLevel tokenizer for a corpus with a closed vocabulary: <unk>, <s> and
// </s> are ids 0, 1 and 2, vocab follows in its order, text is split at white space, and <s>
// is put in front. Its JSON is a tokenizer.json that the library reads to the same ids.
//
// A word that could never come out of the splitting (empty, with white space in it, twice,
// or one of the three names) is an error with its place in vocab.
func Words(vocab []string) (*Tokenizer, error) {
	ids := map[string]int{}
	ordered := slices.Concat(wordsSpecial, vocab)
	for id, word := range ordered {
		where := fmt.Sprintf("word %d of the vocabulary", id-len(wordsSpecial))
		if _, twice := ids[word]; twice {
			return nil, fmt.Errorf("%s: %q is there already", where, word)
		}
		if word == "" || strings.ContainsFunc(word, unicode.IsSpace) || !utf8.ValidString(word) {
			return nil, fmt.Errorf("%s: expected UTF-8 without white space, found %q", where, word)
		}
		ids[word] = id
	}
	source, err := json.Marshal(wordsFile(ids))
	if err != nil {
		return nil, fmt.Errorf("writing a tokenizer.json: %w", err)
	}
	return Parse(source)
}

type object = map[string]any

// wordsFile is the tokenizer.json of Words; encoding/json writes maps in order of their keys,
// so equal vocabularies give equal bytes.
func wordsFile(ids map[string]int) object {
	var added []object
	for id, name := range wordsSpecial {
		added = append(added, addedObject(id, name))
	}
	text := func(name string, typeID int) object {
		return object{"Sequence": object{"id": name, "type_id": typeID}}
	}
	begin := object{"SpecialToken": object{"id": "<s>", "type_id": 0}}
	return object{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added,
		"normalizer":    nil,
		"pre_tokenizer": object{"type": "WhitespaceSplit"},
		"post_processor": object{
			"type":           "TemplateProcessing",
			"single":         []object{begin, text("A", 0)},
			"pair":           []object{begin, text("A", 0), text("B", 0)},
			"special_tokens": object{"<s>": object{"id": "<s>", "ids": []int{WordsBOS}, "tokens": []string{"<s>"}}},
		},
		"decoder": nil,
		"model":   object{"type": "WordLevel", "vocab": ids, "unk_token": wordsSpecial[WordsUnknown]},
	}
}

// addedObject is a special token of a tokenizer.json.
func addedObject(id int, name string) object {
	return object{"id": id, "content": name, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
}

// Vocabulary returns the words of texts for [Words]: split at white space, the most frequent
// first and of equals by code point, at most limit of them (0: all). Names of the special
// tokens are left out.
func Vocabulary(texts []string, limit int) []string {
	count := map[string]int{}
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(WellFormed(text), unicode.IsSpace) {
			count[word]++
		}
	}
	for _, name := range wordsSpecial {
		delete(count, name)
	}
	words := make([]string, 0, len(count))
	for word := range count { // sorted below
		words = append(words, word)
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	if limit > 0 && len(words) > limit {
		words = words[:limit]
	}
	return words
}
