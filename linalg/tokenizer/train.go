package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Training says what [Train] is to make.
type Training struct {
	Vocab     int      // pieces at most: special tokens, 256 bytes, merges
	Frequency int      // a pair that occurs less often is not merged; at least once it must
	Special   []string // special tokens, ids from 0 in this order
}

// Merge is one merge that training chose: two pieces as the vocabulary spells them, and how
// often they stood side by side at that time.
type Merge struct {
	Left, Right string
	Count       int
}

// Train makes a byte-level BPE of GPT-2's kind from texts: words are cut by its pattern, and
// the pair that occurs most often is merged again and again, of equals the one with the
// smaller left id, then the smaller right id (Sennrich et al. 2016, alg. 1). Each text is by
// itself: give lines with their newlines to learn from lines. Equal texts in another order
// give the same tokenizer.
//
// Its JSON is a tokenizer.json that the library reads to the same ids. Fewer pieces than
// Vocab come out where no pair is frequent enough any more.
func Train(texts []string, t Training) (*Tokenizer, []Merge, error) {
	pieces, err := t.begin()
	if err != nil {
		return nil, nil, err
	}
	l := newLearner(wordCounts(texts), pieces)
	var merges []Merge
	for len(l.pieces) < t.Vocab {
		left, right, count, ok := l.best()
		if !ok || count < t.Frequency {
			break
		}
		merges = append(merges, Merge{l.pieces[left], l.pieces[right], count})
		l.merge(left, right)
	}
	source, err := json.Marshal(gpt2File(l.pieces, merges, t.Special))
	if err != nil {
		return nil, nil, fmt.Errorf("writing a tokenizer.json: %w", err)
	}
	tok, err := Parse(source)
	return tok, merges, err
}

// begin checks the wishes and returns the pieces that are there before any merge: special
// tokens, then the characters that stand for bytes, by code point.
func (t Training) begin() ([]string, error) {
	least := len(t.Special) + 256
	if t.Vocab < least {
		return nil, fmt.Errorf("a byte-level vocabulary of %d: expected at least %d, for 256 bytes and %d special tokens", t.Vocab, least, len(t.Special))
	}
	chars := byteChars
	slices.Sort(chars[:])
	var pieces []string
	for i, name := range t.Special {
		if utf8.RuneCountInString(name) < 2 || !utf8.ValidString(name) || slices.Contains(t.Special[:i], name) {
			return nil, fmt.Errorf("special token %d: expected UTF-8 of at least two characters that no other has, found %q", i, name)
		}
		pieces = append(pieces, name)
	}
	for _, c := range chars {
		pieces = append(pieces, string(c))
	}
	return pieces, nil
}

// wordCount is a word with the number of times that the texts have it.
type wordCount struct {
	word  string
	count int
}

// wordCounts counts words, in the order in which they come first.
func wordCounts(texts []string) []wordCount {
	index := map[string]int{}
	var list []wordCount
	for _, text := range texts {
		byteLevel{split: true}.words(stretch{text: WellFormed(text)}, func(s stretch) {
			i, ok := index[s.text]
			if !ok {
				i = len(list)
				index[s.text] = i
				list = append(list, wordCount{word: s.text})
			}
			list[i].count++
		})
	}
	return list
}

// gpt2File is a tokenizer.json of GPT-2's kind.
func gpt2File(pieces []string, merges []Merge, special []string) object {
	vocab := make(map[string]int, len(pieces))
	for id, piece := range pieces {
		vocab[piece] = id
	}
	pairs := make([][2]string, len(merges))
	for i, m := range merges {
		pairs[i] = [2]string{m.Left, m.Right}
	}
	added := []object{}
	for _, name := range special {
		added = append(added, addedObject(vocab[name], name))
	}
	level := func(space, trim bool) object {
		return object{"type": "ByteLevel", "add_prefix_space": space, "trim_offsets": trim, "use_regex": true}
	}
	return object{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added, "normalizer": nil,
		"pre_tokenizer":  level(false, true),
		"post_processor": level(true, false),
		"decoder":        level(true, true),
		"model": object{"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
			"fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocab, "merges": pairs},
	}
}
