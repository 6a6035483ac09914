package tokenizer

// wordLevel knows whole words and calls every other word unknown.
type wordLevel struct {
	id      map[string]int32
	unknown int32
}

func (m wordLevel) pieces(word string, w *work) {
	id, ok := m.id[word]
	if !ok {
		id = m.unknown
	}
	w.pieces = append(w.pieces, piece{id, 0, len(word)})
}
