package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// vocabulary is pieces and ids both ways: the model's and the added ones together.
type vocabulary struct {
	id    map[string]int32
	piece []string // by id, "" where no piece has it
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

// entriesOf reads an object of piece: id in the order of the file; raw is well-formed JSON.
// encoding/json would let the last of two equal pieces win; here that is an error.
func entriesOf(raw json.RawMessage) ([]entry, error) {
	c := cursor{text: string(raw)}
	if !c.open('{') {
		return nil, fmt.Errorf("model.vocab: expected an object of piece: id, found %s", clip(raw))
	}
	var list []entry
	seen := make(map[string]int64, len(raw)/16) // as many as GPT-2's file would have at that length
	for c.more('}') {
		piece, err := c.str()
		if err != nil {
			return nil, fmt.Errorf("model.vocab: %w", err)
		}
		if piece == "" {
			return nil, errors.New("model.vocab: a piece is empty; it could never come out of a text")
		}
		id, ok := c.number()
		if !ok {
			return nil, fmt.Errorf("model.vocab[%q]: expected an id from 0 to 2147483647, found %s", piece, clip(c.value()))
		}
		if before, twice := seen[piece]; twice {
			return nil, fmt.Errorf("model.vocab: piece %q stands twice, with ids %d and %d; each piece has one id", piece, before, id)
		}
		seen[piece] = id
		list = append(list, entry{piece: piece, id: id})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("model.vocab is empty: expected pieces with their ids")
	}
	return list, nil
}

// vocabularyOf joins the model's entries with the added tokens. Each id has one piece. A
// model's embedding has a row for each id, so those of the model's own pieces leave no hole;
// above them added tokens may, as GPT-4's do, if holes are not more than pieces.
func vocabularyOf(list []entry, added []addedToken) (vocabulary, error) {
	v := vocabulary{id: make(map[string]int32, len(list)+len(added))}
	for i, a := range added {
		where := fmt.Sprintf("added_tokens[%d]", i)
		if a.Content == "" {
			return v, fmt.Errorf("%s: its content is empty; a token needs a name", where)
		}
		if a.ID < 0 {
			return v, fmt.Errorf("%s: %q has id %d; expected an id from 0 to 2147483647", where, a.Content, a.ID)
		}
		if id, ok := v.id[a.Content]; ok {
			return v, fmt.Errorf("%s: %q stands twice, with ids %d and %d", where, a.Content, id, a.ID)
		}
		v.id[a.Content] = a.ID
	}
	own := int64(-1) // the highest id that only the model gives
	for _, e := range list {
		if id, isAdded := v.id[e.piece]; !isAdded {
			own = max(own, e.id)
		} else if int64(id) != e.id {
			return v, fmt.Errorf("added token %q has id %d, but model.vocab gives it %d", e.piece, id, e.id)
		}
	}
	all := slices.Clip(list)
	for _, a := range added {
		all = append(all, entry{piece: a.Content, id: int64(a.ID)})
	}
	return v, v.fill(all, own)
}

// fill gives each id its piece and each piece its id. Up to own no id may be without.
func (v *vocabulary) fill(all []entry, own int64) error {
	highest := int64(-1)
	for _, e := range all {
		v.id[e.piece] = int32(e.id)
		highest = max(highest, e.id)
	}
	hole := firstHole(all)
	holes := func() error {
		return fmt.Errorf("the vocabulary has %d pieces and ids up to %d, but no piece has id %d: ids must run from 0 without holes, and added tokens behind them with fewer holes than pieces", len(v.id), highest, hole)
	}
	if highest >= int64(2*len(v.id)) {
		return holes() // before there is room for them all
	}
	v.piece = make([]string, highest+1)
	for _, e := range all {
		if other := v.piece[e.id]; other != "" && other != e.piece {
			return fmt.Errorf("id %d belongs to two pieces, %q and %q; each id has one piece", e.id, other, e.piece)
		}
		v.piece[e.id] = e.piece
	}
	if hole <= own {
		return holes()
	}
	return nil
}

// firstHole returns the lowest id that no entry has.
func firstHole(all []entry) (hole int64) {
	taken := make([]bool, len(all)+1) // so many entries leave one of so many ids free
	for _, e := range all {
		if e.id < int64(len(taken)) {
			taken[e.id] = true
		}
	}
	return int64(slices.Index(taken, false))
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
func clip[text ~string | ~[]byte](raw text) string {
	if len(raw) > 40 {
		return string(raw[:40]) + "…"
	}
	if len(raw) == 0 {
		return "nothing"
	}
	return string(raw)
}
