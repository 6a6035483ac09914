package tokenizer

// wordLevel knows whole words and calls every other word unknown.
type wordLevel struct {
	id      map[string]int32
	unknown int32
}

func (m wordLevel) pieces(word []char, out []Token) []Token {
	spelled := make([]rune, len(word))
	for i, c := range word {
		spelled[i] = c.r
	}
	id, ok := m.id[string(spelled)]
	if !ok {
		id = m.unknown
	}
	return append(out, Token{ID: id, Start: word[0].start, End: word[len(word)-1].end})
}
