package tokenizer

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// parsePrecompiled reads SentencePiece's table: four bytes with the length of the trie in
// bytes, the trie, the text.
func parsePrecompiled(part json.RawMessage) (normaliser, error) {
	const where = "normalizer: Precompiled: precompiled_charsmap"
	var f struct {
		Type string
		Map  []byte `json:"precompiled_charsmap"` // base64
	}
	if err := strictPart("normalizer", part, &f); err != nil {
		return nil, err
	}
	if len(f.Map) < 4 {
		return nil, fmt.Errorf("%s has %d bytes; expected at least the 4 that tell how long the trie is", where, len(f.Map))
	}
	size, rest := uint64(binary.LittleEndian.Uint32(f.Map)), f.Map[4:]
	if size == 0 || size%4 != 0 || size > uint64(len(rest)) {
		return nil, fmt.Errorf("%s claims a trie of %d bytes and has %d behind that; expected a multiple of 4 above 0, and no more than there are", where, size, len(rest))
	}
	p := &precompiled{units: make([]uint32, size/4), text: string(rest[size:])}
	for i := range p.units {
		p.units[i] = binary.LittleEndian.Uint32(rest[4*i:])
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return p, nil
}

// check goes to every unit that a text can reach, and looks whether what is to be rewritten
// there becomes a text.
func (p *precompiled) check() error {
	seen := make([]bool, len(p.units)) // by where successors lie; ends of several words may share one
	todo := []uint32{p.next(0)}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for b := 1; b <= 0xFF; b++ {
			to, ok := p.step(at, byte(b))
			if !ok {
				continue
			}
			next := p.next(to)
			if p.isLeaf(to) {
				text, ok := p.rewriting(next)
				if !ok {
					return fmt.Errorf("a leaf (unit %d) points out of the text of %d bytes, or to one that does not end", to, len(p.text))
				}
				if !utf8.ValidString(text) {
					return errors.New("the text is not UTF-8")
				}
			}
			if next < uint32(len(p.units)) && !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	return nil
}
