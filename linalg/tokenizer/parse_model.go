package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// parseModel reads the model and the vocabulary.
func (t *Tokenizer) parseModel(raw json.RawMessage, added []addedToken, byteLevel bool) (err error) {
	if absent(raw) {
		return errors.New("model is missing: expected one of type BPE, Unigram, WordLevel or WordPiece")
	}
	kind := kindOf(raw)
	if byteLevel && kind != "BPE" {
		return fmt.Errorf("model: type %s behind a pre_tokenizer ByteLevel is not supported; supported: BPE", kind)
	}
	switch kind {
	case "BPE":
		t.model, t.vocab, err = parseBPE(raw, added, byteLevel)
	case "Unigram":
		t.model, t.vocab, err = parseUnigram(raw, added)
	case "WordLevel":
		t.model, t.vocab, err = parseWordLevel(raw, added)
	case "WordPiece":
		t.model, t.vocab, err = parseWordPiece(raw, added)
	default:
		return unknown("model", raw, "BPE", "Unigram", "WordLevel", "WordPiece")
	}
	return err
}

// wordFile is `model` of type WordLevel or, with the last two fields, WordPiece.
type wordFile struct {
	Type     string          `json:"type"`
	Vocab    json.RawMessage `json:"vocab"`
	UnkToken string          `json:"unk_token"`
	Prefix   *string         `json:"continuing_subword_prefix"`
	MaxChars *int            `json:"max_input_chars_per_word"`
}

// read reads the file, its vocabulary and the id of what is unknown.
func (f *wordFile) read(raw json.RawMessage, added []addedToken) (list []entry, v vocabulary, unknown int32, err error) {
	if err := strictPart("model", raw, f); err != nil {
		return nil, v, 0, err
	}
	if list, err = entriesOf(f.Vocab); err != nil {
		return nil, v, 0, err
	}
	if v, err = vocabularyOf(list, added); err != nil {
		return nil, v, 0, err
	}
	for _, e := range list {
		if e.piece == f.UnkToken {
			return list, v, int32(e.id), nil
		}
	}
	return nil, v, 0, fmt.Errorf("model.unk_token: %q is not in model.vocab; a word that the vocabulary lacks needs a token", f.UnkToken)
}

func parseWordLevel(raw json.RawMessage, added []addedToken) (model, vocabulary, error) {
	var f wordFile
	list, v, unknown, err := f.read(raw, added)
	if err != nil {
		return nil, v, err
	}
	if f.Prefix != nil || f.MaxChars != nil {
		return nil, v, errors.New("model: WordLevel has no continuing_subword_prefix and no max_input_chars_per_word; a model with them is a WordPiece")
	}
	m := wordLevel{id: make(map[string]int32, len(list)), unknown: unknown}
	for _, e := range list {
		m.id[e.piece] = int32(e.id)
	}
	return m, v, nil
}

func parseWordPiece(raw json.RawMessage, added []addedToken) (model, vocabulary, error) {
	prefix, chars := "##", 100 // the library's defaults
	f := wordFile{Prefix: &prefix, MaxChars: &chars}
	list, v, unknown, err := f.read(raw, added)
	if err != nil {
		return nil, v, err
	}
	if f.Prefix == nil || f.MaxChars == nil || *f.MaxChars < 1 {
		return nil, v, errors.New("model: WordPiece needs a continuing_subword_prefix and max_input_chars_per_word of at least 1")
	}
	m := &wordPiece{unknown: unknown, chars: *f.MaxChars}
	if m.begin, err = newTrie(list); err != nil {
		return nil, v, err
	}
	var inside []entry
	for _, e := range list {
		if rest, ok := strings.CutPrefix(e.piece, *f.Prefix); ok && rest != "" {
			inside = append(inside, entry{piece: rest, id: e.id})
		}
	}
	m.inside, err = newTrie(inside)
	return m, v, err
}

// unigramFile is `model` of type Unigram.
type unigramFile struct {
	Type         string              `json:"type"`
	UnkID        *int                `json:"unk_id"`
	Vocab        [][]json.RawMessage `json:"vocab"` // [piece, score] by id
	ByteFallback bool                `json:"byte_fallback"`
}

func parseUnigram(raw json.RawMessage, added []addedToken) (model, vocabulary, error) {
	var f unigramFile
	if err := strictPart("model", raw, &f); err != nil {
		return nil, vocabulary{}, err
	}
	if f.UnkID == nil || *f.UnkID < 0 || *f.UnkID >= len(f.Vocab) {
		return nil, vocabulary{}, fmt.Errorf("model.unk_id: expected an id of the %d in model.vocab; a character that the vocabulary lacks needs a piece", len(f.Vocab))
	}
	list, m, err := f.scores()
	if err != nil {
		return nil, vocabulary{}, err
	}
	v, err := vocabularyOf(list, added)
	if err != nil {
		return nil, v, err
	}
	if f.ByteFallback {
		bytes, err := v.allBytes()
		if err != nil {
			return nil, v, err
		}
		m.bytes = &bytes
	}
	return m, v, nil
}

// scores reads the vocabulary.
func (f unigramFile) scores() ([]entry, *unigram, error) {
	m := &unigram{score: make([]float64, len(f.Vocab)), unknown: int32(*f.UnkID)}
	seen := make(map[string]int, len(f.Vocab))
	list := make([]entry, len(f.Vocab))
	lowest := math.Inf(1)
	for i, line := range f.Vocab {
		var piece string
		if len(line) != 2 || json.Unmarshal(line[0], &piece) != nil || json.Unmarshal(line[1], &m.score[i]) != nil || piece == "" {
			return nil, nil, fmt.Errorf(`model.vocab[%d]: expected a piece and its score, as ["▁the", -3.2]`, i)
		}
		if before, twice := seen[piece]; twice {
			return nil, nil, fmt.Errorf("model.vocab: piece %q stands twice, with ids %d and %d; each piece has one id", piece, before, i)
		}
		seen[piece], list[i] = i, entry{piece: piece, id: int64(i)}
		lowest = min(lowest, m.score[i])
	}
	m.price = lowest - 10
	var err error
	m.vocab, err = newTrie(list)
	return list, m, err
}
