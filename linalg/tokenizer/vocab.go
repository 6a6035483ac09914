package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// vocabulary is pieces and ids both ways: the model's and the added ones together.
type vocabulary struct {
	id    map[string]int32
	piece []string // by id, without holes
}

// first returns the first of names that the vocabulary has.
func (v vocabulary) first(names []string) (int32, bool) {
	for _, name := range names {
		if id, ok := v.id[name]; ok {
			return id, true
		}
	}
	return 0, false
}

// entry is one line of `model.vocab`.
type entry struct {
	piece string
	id    int64
}

// entriesOf reads an object of piece: id in the order of the file. encoding/json would let
// the last of two equal pieces win; here that is an error.
func entriesOf(raw json.RawMessage) ([]entry, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("model.vocab: expected an object of piece: id, found %s", clip(raw))
	}
	var list []entry
	seen := map[string]int64{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("model.vocab: %w", err)
		}
		piece := key.(string) // the decoder has checked: a key is a string
		if piece == "" {
			return nil, errors.New("model.vocab: a piece is empty; it could never come out of a text")
		}
		var id json.RawMessage
		if err := d.Decode(&id); err != nil {
			return nil, fmt.Errorf("model.vocab[%q]: %w", piece, err)
		}
		n, err := strconv.ParseInt(string(id), 10, 32)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("model.vocab[%q]: expected an id from 0 to 2147483647, found %s", piece, clip(id))
		}
		if before, twice := seen[piece]; twice {
			return nil, fmt.Errorf("model.vocab: piece %q stands twice, with ids %d and %d; each piece has one id", piece, before, n)
		}
		seen[piece] = n
		list = append(list, entry{piece: piece, id: n})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("model.vocab is empty: expected pieces with their ids")
	}
	return list, nil
}

// vocabularyOf joins the model's entries with the added tokens and checks that the ids are
// exactly 0 … n-1: a model's embedding has a row for each and none to spare.
func vocabularyOf(list []entry, added []addedToken) (vocabulary, error) {
	v := vocabulary{id: make(map[string]int32, len(list)+len(added))}
	for i, a := range added {
		where := fmt.Sprintf("added_tokens[%d]", i)
		if a.Content == "" {
			return v, fmt.Errorf("%s: its content is empty; a token needs a name", where)
		}
		if id, ok := v.id[a.Content]; ok {
			return v, fmt.Errorf("%s: %q stands twice, with ids %d and %d", where, a.Content, id, a.ID)
		}
		v.id[a.Content] = a.ID
		list = append(list, entry{piece: a.Content, id: int64(a.ID)})
	}
	spelled := make(map[int64]string, len(list))
	highest := int64(-1)
	for _, e := range list {
		if other, taken := spelled[e.id]; taken && other != e.piece {
			return v, fmt.Errorf("id %d belongs to two pieces, %q and %q; each id has one piece", e.id, other, e.piece)
		}
		if id, ok := v.id[e.piece]; ok && int64(id) != e.id {
			return v, fmt.Errorf("added token %q has id %d, but model.vocab gives it %d", e.piece, id, e.id)
		}
		spelled[e.id], v.id[e.piece] = e.piece, int32(e.id)
		highest = max(highest, e.id)
	}
	if highest >= int64(len(spelled)) {
		hole := int64(0)
		for spelled[hole] != "" {
			hole++
		}
		return v, fmt.Errorf("the vocabulary has %d pieces and ids up to %d, but no piece has id %d: ids must run from 0 without holes", len(spelled), highest, hole)
	}
	v.piece = make([]string, len(spelled))
	for id := range v.piece {
		v.piece[id] = spelled[int64(id)]
	}
	return v, nil
}

// byteOf reads a piece such as <0xE2>.
func byteOf(piece string) (byte, bool) {
	if len(piece) != 6 || !strings.HasPrefix(piece, "<0x") || piece[5] != '>' {
		return 0, false
	}
	b, err := strconv.ParseUint(piece[3:5], 16, 8)
	return byte(b), err == nil
}

// clip quotes the beginning of something wrong.
func clip(raw []byte) string {
	if len(raw) > 40 {
		return string(raw[:40]) + "…"
	}
	if len(raw) == 0 {
		return "nothing"
	}
	return string(raw)
}
