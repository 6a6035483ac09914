package tokenizer

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// bpeFile is `model` of type BPE.
type bpeFile struct {
	Type         string          `json:"type"`
	Dropout      *float64        `json:"dropout"`
	UnkToken     *string         `json:"unk_token"`
	Prefix       *string         `json:"continuing_subword_prefix"`
	Suffix       *string         `json:"end_of_word_suffix"`
	FuseUnk      bool            `json:"fuse_unk"`
	ByteFallback bool            `json:"byte_fallback"`
	IgnoreMerges bool            `json:"ignore_merges"`
	Vocab        json.RawMessage `json:"vocab"`
	Merges       json.RawMessage `json:"merges"`
}

// refuse says which variant of BPE the file asks for, if it is not ours.
func (f bpeFile) refuse(byteLevel bool) error {
	variant := ""
	switch {
	case f.Dropout != nil && *f.Dropout != 0:
		variant = "dropout"
	case f.Prefix != nil && *f.Prefix != "":
		variant = "continuing_subword_prefix"
	case f.Suffix != nil && *f.Suffix != "":
		variant = "end_of_word_suffix"
	case f.ByteFallback && byteLevel:
		variant = "byte_fallback behind a pre_tokenizer ByteLevel"
	default:
		return nil
	}
	return fmt.Errorf("model: BPE with %s is not supported; supported: BPE on bytes (pre_tokenizer ByteLevel) or characters (with or without byte_fallback), without dropout, prefix or suffix", variant)
}

func parseBPE(raw json.RawMessage, added []addedToken, byteLevel bool) (model, vocabulary, error) {
	rest, long := lift(raw, "vocab", "merges")
	f := bpeFile{Vocab: long["vocab"], Merges: long["merges"]}
	if err := strictPart("model", rest, &f); err != nil {
		return nil, vocabulary{}, err
	}
	if err := f.refuse(byteLevel); err != nil {
		return nil, vocabulary{}, err
	}
	list, err := entriesOf(f.Vocab)
	if err != nil {
		return nil, vocabulary{}, err
	}
	v, err := vocabularyOf(list, added)
	if err != nil {
		return nil, v, err
	}
	m := &bpe{}
	if m.alphabet, err = f.alphabet(list, v, byteLevel); err != nil {
		return nil, v, err
	}
	pairs, err := pairsOf(f.Merges)
	if err != nil {
		return nil, v, err
	}
	if err := m.learn(pairs, v); err != nil {
		return nil, v, err
	}
	if f.IgnoreMerges {
		m.known = wholeWords(list, byteLevel)
		return m, v, nil
	}
	if byteLevel {
		m.known = m.selfMade(list)
	}
	return m, v, m.reaches(list, added)
}

// alphabet finds the pieces with which words begin.
func (f bpeFile) alphabet(list []entry, v vocabulary, byteLevel bool) (a alphabet, err error) {
	a = alphabet{byteLevel: byteLevel, unknown: none, fuse: f.FuseUnk}
	if f.UnkToken != nil {
		var ok bool
		if a.unknown, ok = v.id[*f.UnkToken]; !ok {
			return a, fmt.Errorf("model.unk_token: %q is not in the vocabulary", *f.UnkToken)
		}
	}
	switch {
	case byteLevel:
		for b := range a.bytes {
			var ok bool
			if a.bytes[b], ok = v.id[string(byteChars[b])]; !ok {
				a.bytes[b] = none
			}
		}
		return a, nil
	case f.ByteFallback:
		if a.bytes, err = v.allBytes(); err != nil {
			return a, err
		}
	default:
		for b := range a.bytes {
			a.bytes[b] = none
		}
	}
	a.chars = map[rune]int32{}
	for _, e := range list {
		if r, n := utf8.DecodeRuneInString(e.piece); n == len(e.piece) {
			a.chars[r] = int32(e.id)
		}
	}
	return a, nil
}

// allBytes returns the pieces <0x00> … <0xFF>.
func (v vocabulary) allBytes() (ids [256]int32, err error) {
	for b := range ids {
		name, ok := fmt.Sprintf("<0x%02X>", b), false
		if ids[b], ok = v.id[name]; !ok {
			return ids, fmt.Errorf("model.vocab: byte_fallback is on, but the piece %s is missing; all 256 from <0x00> to <0xFF> are needed", name)
		}
	}
	return ids, nil
}

// wholeWords is all pieces as words: with ignore_merges a word that is a piece is not merged.
func wholeWords(list []entry, byteLevel bool) map[string]int32 {
	known := make(map[string]int32, len(list))
	for _, e := range list {
		word := e.piece
		if byteLevel {
			var ok bool
			if word, ok = unspell(e.piece); !ok {
				continue
			}
		}
		known[word] = int32(e.id)
	}
	return known
}

// selfMade is those pieces that merging makes of their own bytes.
func (m *bpe) selfMade(list []entry) map[string]int32 {
	known := make(map[string]int32, len(list))
	var g merging
	for _, e := range list {
		word, ok := unspell(e.piece)
		if !ok {
			continue
		}
		m.merge(word, &g)
		if len(g.nodes) > 0 && g.nodes[0].id == int32(e.id) && g.nodes[0].next == len(g.nodes) {
			known[word] = int32(e.id)
		}
	}
	return known
}
