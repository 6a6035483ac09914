package tokenizer

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// bpeFile is `model` of type BPE.
type bpeFile struct {
	Type         string          `json:"type"`
	Dropout      *float64        `json:"dropout"`
	UnkToken     *string         `json:"unk_token"`
	Prefix       *string         `json:"continuing_subword_prefix"`
	Suffix       *string         `json:"end_of_word_suffix"`
	FuseUnk      bool            `json:"fuse_unk"` // without effect: with byte fallback nothing is unknown
	ByteFallback bool            `json:"byte_fallback"`
	IgnoreMerges bool            `json:"ignore_merges"`
	Vocab        json.RawMessage `json:"vocab"`
	Merges       json.RawMessage `json:"merges"`
}

// wordFile is `model` of type WordLevel.
type wordFile struct {
	Type     string          `json:"type"`
	Vocab    json.RawMessage `json:"vocab"`
	UnkToken string          `json:"unk_token"`
}

func (t *Tokenizer) parseModel(raw json.RawMessage, added []addedToken) error {
	if absent(raw) {
		return fmt.Errorf("model is missing: expected one of type BPE or WordLevel")
	}
	switch kindOf(raw) {
	case "BPE":
		return t.parseBPE(raw, added)
	case "WordLevel":
		return t.parseWordLevel(raw, added)
	}
	return unknown("model", raw, "BPE", "WordLevel")
}

func (t *Tokenizer) parseWordLevel(raw json.RawMessage, added []addedToken) error {
	var f wordFile
	if err := strict(raw, &f); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	list, err := entriesOf(f.Vocab)
	if err != nil {
		return err
	}
	if t.vocab, err = vocabularyOf(list, added); err != nil {
		return err
	}
	m := wordLevel{id: make(map[string]int32, len(list))}
	for _, e := range list {
		m.id[e.piece] = int32(e.id)
	}
	var ok bool
	if m.unknown, ok = m.id[f.UnkToken]; !ok {
		return fmt.Errorf("model.unk_token: %q is not in model.vocab; a word that the vocabulary lacks needs a token", f.UnkToken)
	}
	t.model = m
	return nil
}

func (t *Tokenizer) parseBPE(raw json.RawMessage, added []addedToken) error {
	var f bpeFile
	if err := strict(raw, &f); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	if err := f.refuse(); err != nil {
		return err
	}
	list, err := entriesOf(f.Vocab)
	if err != nil {
		return err
	}
	if t.vocab, err = vocabularyOf(list, added); err != nil {
		return err
	}
	m := &bpe{chars: map[rune]int32{}}
	for _, e := range list {
		if r, n := utf8.DecodeRuneInString(e.piece); n == len(e.piece) {
			m.chars[r] = int32(e.id)
		}
	}
	for b := range m.bytes {
		name, ok := fmt.Sprintf("<0x%02X>", b), false
		if m.bytes[b], ok = t.vocab.id[name]; !ok {
			return fmt.Errorf("model.vocab: byte_fallback is on, but the piece %s is missing; all 256 from <0x00> to <0xFF> are needed", name)
		}
	}
	pairs, err := pairsOf(f.Merges)
	if err != nil {
		return err
	}
	if err := m.learn(pairs, t.vocab); err != nil {
		return err
	}
	t.model = m
	return m.reaches(list, added)
}

// refuse says which variant of BPE the file asks for, if it is not ours.
func (f bpeFile) refuse() error {
	variant := ""
	switch {
	case f.Dropout != nil && *f.Dropout != 0:
		variant = "dropout"
	case f.Prefix != nil && *f.Prefix != "":
		variant = "continuing_subword_prefix"
	case f.Suffix != nil && *f.Suffix != "":
		variant = "end_of_word_suffix"
	case f.IgnoreMerges:
		variant = "ignore_merges"
	case !f.ByteFallback:
		variant = "byte_fallback: false"
	default:
		return nil
	}
	return fmt.Errorf("model: BPE with %s is not supported; supported: BPE with byte_fallback: true (the Llama family), without dropout, prefix, suffix or ignore_merges", variant)
}

// pairsOf reads `merges`, written as "a b" or as ["a", "b"].
func pairsOf(raw json.RawMessage) ([][2]string, error) {
	var lines []json.RawMessage
	if absent(raw) {
		return nil, fmt.Errorf("model.merges is missing; without it the vocabulary cannot be used: take the whole tokenizer.json")
	}
	if err := json.Unmarshal(raw, &lines); err != nil {
		return nil, fmt.Errorf("model.merges: expected a list, found %s", clip(raw))
	}
	if len(lines) > math.MaxInt32 {
		return nil, fmt.Errorf("model.merges: %d lines are more than ranks can count", len(lines))
	}
	pairs := make([][2]string, len(lines))
	for i, line := range lines {
		var text string
		var pair []string
		if json.Unmarshal(line, &text) == nil {
			pair = strings.Split(text, " ")
		} else if err := json.Unmarshal(line, &pair); err != nil {
			return nil, fmt.Errorf(`model.merges[%d]: expected "a b" or ["a", "b"], found %s`, i, clip(line))
		}
		if len(pair) != 2 || pair[0] == "" || pair[1] == "" {
			return nil, fmt.Errorf("model.merges[%d]: expected two pieces, found %s", i, clip(line))
		}
		pairs[i] = [2]string(pair)
	}
	return pairs, nil
}

// learn makes the table of merges; each of the three pieces must have an id.
func (m *bpe) learn(pairs [][2]string, v vocabulary) error {
	m.merges = make(map[uint64]joining, len(pairs))
	for rank, pair := range pairs {
		var ids [3]int32
		for k, piece := range [3]string{pair[0], pair[1], pair[0] + pair[1]} {
			id, ok := v.id[piece]
			if !ok {
				return fmt.Errorf("model.merges[%d] joins %q and %q, but %q is not in the vocabulary", rank, pair[0], pair[1], piece)
			}
			ids[k] = id
		}
		key := pairOf(ids[0], ids[1])
		if before, twice := m.merges[key]; twice {
			return fmt.Errorf("model.merges[%d] joins %q and %q, as merges[%d] does; a pair has one rank", rank, pair[0], pair[1], before.rank)
		}
		m.merges[key] = joining{rank: int32(rank), id: ids[2]}
	}
	return nil
}

// reaches finds pieces of several characters that no merge makes: they could never come out,
// so merges have been lost from the file.
func (m *bpe) reaches(list []entry, added []addedToken) error {
	made := map[int64]bool{}
	for _, j := range m.merges { // only collects: the order does not matter
		made[int64(j.id)] = true
	}
	for _, a := range added {
		made[int64(a.ID)] = true
	}
	lost, first := 0, entry{}
	for _, e := range list {
		if _, isByte := byteOf(e.piece); isByte || made[e.id] || utf8.RuneCountInString(e.piece) < 2 {
			continue
		}
		if lost == 0 {
			first = e
		}
		lost++
	}
	if lost > 0 {
		return fmt.Errorf("model.merges is incomplete: %d of %d pieces are made by no merge, the first %q (id %d); take the whole tokenizer.json", lost, len(list), first.piece, first.id)
	}
	return nil
}
