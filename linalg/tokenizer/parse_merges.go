package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// pairsOf reads `merges`, written as "a b" or as ["a", "b"]; raw is well-formed JSON.
func pairsOf(raw json.RawMessage) ([][2]string, error) {
	if absent(raw) {
		return nil, fmt.Errorf("model.merges is missing; without it the vocabulary cannot be used: take the whole tokenizer.json")
	}
	c := cursor{text: string(raw)}
	if !c.open('[') {
		return nil, fmt.Errorf("model.merges: expected a list, found %s", clip(raw))
	}
	var pairs [][2]string
	for c.more(']') {
		from := c.at
		pair, err := c.pair()
		if err != nil {
			c.at = from
			return nil, fmt.Errorf(`model.merges[%d]: %w, found %s`, len(pairs), err, clip(c.value()))
		}
		pairs = append(pairs, pair)
	}
	if len(pairs) > math.MaxInt32 {
		return nil, fmt.Errorf("model.merges: %d lines are more than ranks can count", len(pairs))
	}
	return pairs, nil
}

// pair reads one line of `merges`.
func (c *cursor) pair() (pair [2]string, err error) {
	form := errors.New(`expected "a b" or ["a", "b"]`)
	if c.next() == '"' {
		text, err := c.str()
		if err != nil {
			return pair, err
		}
		var ok bool
		pair[0], pair[1], ok = strings.Cut(text, " ")
		if !ok || strings.Contains(pair[1], " ") {
			return pair, errors.New("expected two pieces")
		}
	} else {
		if !c.open('[') {
			return pair, form
		}
		for i := range pair {
			if pair[i], err = c.str(); err != nil {
				return pair, form
			}
		}
		if c.more(']') {
			return pair, form
		}
	}
	if pair[0] == "" || pair[1] == "" {
		return pair, errors.New("expected two pieces")
	}
	return pair, nil
}

// learn makes the table of merges; each of the three pieces must have an id.
func (m *bpe) learn(pairs [][2]string, v vocabulary) error {
	m.merges = newPairTable(len(pairs))
	for rank, pair := range pairs {
		var ids [3]int32
		for k, piece := range [3]string{pair[0], pair[1], pair[0] + pair[1]} {
			id, ok := v.id[piece]
			if !ok {
				return fmt.Errorf("model.merges[%d] joins %q and %q, but %q is not in the vocabulary", rank, pair[0], pair[1], piece)
			}
			ids[k] = id
		}
		if before, twice := m.merges.put(pairOf(ids[0], ids[1]), joining{rank: int32(rank), id: ids[2]}); twice {
			return fmt.Errorf("model.merges[%d] joins %q and %q, as merges[%d] does; a pair has one rank", rank, pair[0], pair[1], before.rank)
		}
	}
	return nil
}

// reaches finds pieces of several characters that no merge makes: they could never come out,
// so merges have been lost from the file. A few are borne: RoBERTa has placeholders that
// nothing makes.
func (m *bpe) reaches(list []entry, added []addedToken) error {
	made := map[int64]bool{}
	for _, s := range m.merges.slots {
		if s.pair != unused {
			made[int64(s.id)] = true
		}
	}
	for _, a := range added {
		made[int64(a.ID)] = true
	}
	made[int64(m.alphabet.unknown)] = true
	lost, first := 0, entry{}
	for _, e := range list {
		if _, isByte := byteOf(e.piece); isByte && !m.alphabet.byteLevel || made[e.id] || utf8.RuneCountInString(e.piece) < 2 {
			continue
		}
		if lost == 0 {
			first = e
		}
		lost++
	}
	if lost*100 > m.merges.size {
		return fmt.Errorf("model.merges is incomplete: %d of %d pieces are made by no merge, the first %q (id %d); take the whole tokenizer.json", lost, len(list), first.piece, first.id)
	}
	return nil
}
