package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// Decode returns the text of ids. With skipSpecial, tokens that the file calls special are left
// out. Ids outside the vocabulary have no text and are left out too, as in the library: a model
// whose head is padded to a round width can produce them.
func (t *Tokenizer) Decode(ids []int32, skipSpecial bool) string {
	pieces := make([]string, 0, len(ids))
	for _, id := range ids {
		piece, ok := t.Piece(id)
		if !ok || skipSpecial && t.added.special[id] {
			continue
		}
		if spelled, ok := t.added.spelled[id]; ok {
			piece = spelled
		}
		pieces = append(pieces, piece)
	}
	if len(t.decoders) == 0 {
		return strings.Join(pieces, " ")
	}
	for _, d := range t.decoders {
		pieces = d.decode(pieces)
	}
	return strings.Join(pieces, "")
}

// A decoder is one step from pieces back to text. It may write into its argument.
type decoder interface {
	decode(pieces []string) []string
}

// replaced turns a mark inside pieces into what it stands for.
type replaced struct{ from, to string }

func (d replaced) decode(pieces []string) []string {
	for i, p := range pieces {
		pieces[i] = strings.ReplaceAll(p, d.from, d.to)
	}
	return pieces
}

// byteFallback turns runs of pieces such as <0xE2> into the text that they spell. A run that
// is ill-formed anywhere becomes one U+FFFD a byte, ASCII bytes included: the library takes
// the run as a whole.
type byteFallback struct{}

func (byteFallback) decode(pieces []string) []string {
	var out []string
	var run []byte
	flush := func() {
		switch {
		case len(run) == 0:
		case utf8.Valid(run):
			out = append(out, string(run))
		default:
			for range run {
				out = append(out, string(utf8.RuneError))
			}
		}
		run = run[:0]
	}
	for _, p := range pieces {
		if b, ok := byteOf(p); ok {
			run = append(run, b)
			continue
		}
		flush()
		out = append(out, p)
	}
	flush()
	return out
}

// fuse makes one piece of all.
type fuse struct{}

func (fuse) decode(pieces []string) []string { return []string{strings.Join(pieces, "")} }

// strip takes up to start copies of content from the front of each piece and up to stop from
// its back.
type strip struct {
	content     string
	start, stop int
}

func (d strip) decode(pieces []string) []string {
	for i, p := range pieces {
		for n := 0; n < d.start && strings.HasPrefix(p, d.content); n++ {
			p = p[len(d.content):]
		}
		for n := 0; n < d.stop && strings.HasSuffix(p, d.content); n++ {
			p = p[:len(p)-len(d.content)]
		}
		pieces[i] = p
	}
	return pieces
}
