package tokenizer

import (
	"slices"
	"unicode/utf8"
)

// span is a range of bytes of the given text, end exclusive. It begins and ends where a code
// point does.
type span struct{ start, end int }

// stretch is a part of the text on its way to the model: as it is given, or rewritten by
// normalisers, and then each byte knows what it stands for.
type stretch struct {
	text string
	from int    // where in the given text the stretch begins
	at   []span // for each byte of text; nil where text is the given one
}

// cut returns the bytes from a to b.
func (s stretch) cut(a, b int) stretch {
	if s.at == nil {
		return stretch{text: s.text[a:b], from: s.from + a}
	}
	part := stretch{text: s.text[a:b], at: s.at[a:b], from: s.from}
	if a < b {
		part.from = s.at[a].start
	}
	return part
}

// span returns what the bytes from a to b, at least one, stand for. Bytes of one character
// stand for the whole of it.
func (s stretch) span(a, b int) span {
	if s.at != nil {
		return span{s.at[a].start, s.at[b-1].end}
	}
	for !utf8.RuneStart(s.text[a]) {
		a--
	}
	for b < len(s.text) && !utf8.RuneStart(s.text[b]) {
		b++
	}
	return span{s.from + a, s.from + b}
}

// rewriting builds the successor of a stretch, code point by code point. Its rules of
// alignment are those of the library's NormalizedString::transform_range, oddities included,
// since offsets are to agree.
type rewriting struct {
	in   stretch
	pos  int // bytes of in.text that are accounted for
	text []byte
	at   []span
}

func rewrite(s stretch) *rewriting {
	return &rewriting{in: s, text: make([]byte, 0, len(s.text)+8), at: make([]span, 0, len(s.text)+8)}
}

// put writes r. A change of 0 takes the place of the next code point, of −n that of the next
// 1+n and stands for their first, of +1 is an insertion that shares the place of what went
// before it.
func (w *rewriting) put(r rune, change int) {
	var place span
	switch {
	case change <= 0:
		place = w.in.span(w.pos, w.pos+1)
		for range 1 - change {
			w.skip()
		}
	case w.pos > 0:
		place = w.in.span(w.pos-1, w.pos)
	default:
		place = span{w.in.from, w.in.from}
	}
	w.add(r, place)
}

// add writes r for a place of the given text.
func (w *rewriting) add(r rune, place span) {
	n := len(w.text)
	w.text = utf8.AppendRune(w.text, r)
	for range len(w.text) - n {
		w.at = append(w.at, place)
	}
}

// skip leaves the next code point out.
func (w *rewriting) skip() {
	_, n := utf8.DecodeRuneInString(w.in.text[w.pos:])
	w.pos += n
}

// keep copies the next n bytes.
func (w *rewriting) keep(n int) {
	end := w.pos + n
	w.text = append(w.text, w.in.text[w.pos:end]...)
	w.at = slices.Grow(w.at, n)
	for ; w.pos < end; w.pos++ {
		w.at = append(w.at, w.in.span(w.pos, w.pos+1))
	}
}

func (w *rewriting) done() stretch {
	return stretch{text: string(w.text), from: w.in.from, at: w.at}
}
