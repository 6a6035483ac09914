package tokenizer

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

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
