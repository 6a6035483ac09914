package tokenizer

import "strings"

// A normaliser rewrites a stretch of text between added tokens.
type normaliser interface {
	normalise(stretch) stretch
}

// normalisers go one after the other.
type normalisers []normaliser

func (ns normalisers) normalise(s stretch) stretch {
	for _, n := range ns {
		s = n.normalise(s)
	}
	return s
}

// prepend puts a mark in front of a stretch that is not empty. The mark takes the place of
// the first character.
type prepend struct{ mark string }

func (p prepend) normalise(s stretch) stretch {
	if s.text == "" || p.mark == "" {
		return s
	}
	w := rewrite(s)
	for _, r := range p.mark {
		w.add(r, s.span(0, 1))
	}
	w.keep(len(s.text))
	return w.done()
}

// replace changes each occurrence of a string into another. What comes in takes the place of
// the last character of what goes.
type replace struct{ from, to string }

func (p replace) normalise(s stretch) stretch {
	if !strings.Contains(s.text, p.from) {
		return s
	}
	w := rewrite(s)
	for {
		i := strings.Index(s.text[w.pos:], p.from)
		if i < 0 {
			break
		}
		w.keep(i)
		w.replace(len(p.from), p.to)
	}
	w.keep(len(s.text) - w.pos)
	return w.done()
}

// replace writes text for the next n bytes, of which there is at least one.
func (w *rewriting) replace(n int, text string) {
	w.pos += n
	for _, r := range text {
		w.add(r, w.in.span(w.pos-1, w.pos))
	}
}
