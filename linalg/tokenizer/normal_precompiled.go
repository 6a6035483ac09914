package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// precompiled is SentencePiece's table of rewritings (Kudo and Richardson 2018), as T5's and
// DeBERTa's files bring it: what is rewritten stands in a trie of two arrays in one (Yata et al.
// 2007, "A compact static double-array"), and what it becomes in a text of strings that end
// with NUL. A unit of the trie has in bits
//
//	0–7    the byte that leads to it, or bit 31 set: its lower 31 are a place in the text
//	8      what leads here is rewritten
//	9–31   where its successors lie: shifted by 8 more if bit 9 is set
type precompiled struct {
	units []uint32
	text  string
}

// longestCluster is how many bytes the library looks up as one; of longer clusters, each
// character is looked up by itself.
const longestCluster = 5

func (p *precompiled) normalise(s stretch) stretch {
	var out []changed // from the first rewriting on
	same := true
	rewriteIfKnown := func(from, until int) bool {
		to, ok := p.find(s.text[from:until])
		if !ok {
			return false
		}
		if same {
			out, same = kept(s.text[:from]), false
		}
		out = rewritten(out, s.text[from:until], to)
		return true
	}
	for from, until := 0, 0; from < len(s.text); from = until {
		until = from + cluster(s.text[from:])
		if until-from <= longestCluster && rewriteIfKnown(from, until) {
			continue
		}
		for at := from; at < until; {
			r, n := utf8.DecodeRuneInString(s.text[at:])
			alone := n == until-from // and so looked up already
			if (alone || !rewriteIfKnown(at, at+n)) && !same {
				out = append(out, changed{r: r})
			}
			at += n
		}
	}
	if same {
		return s
	}
	w := rewrite(s)
	for _, c := range out {
		w.put(c.r, c.change)
	}
	return w.done()
}

// kept is a text whose characters stay what they are.
func kept(text string) (out []changed) {
	for _, r := range text {
		out = append(out, changed{r: r})
	}
	return out
}

// rewritten appends what a part becomes, with the changes that the library notes: of what is
// added the last count as inserted, and what goes goes with the last before it. So a part that
// is dropped at the very beginning is not counted, and places behind it lag, as they do there.
func rewritten(out []changed, part, to string) []changed {
	for _, r := range to {
		out = append(out, changed{r: r})
	}
	more := utf8.RuneCountInString(to) - utf8.RuneCountInString(part)
	for i := len(out) - more; i < len(out) && more > 0; i++ {
		out[i].change = 1
	}
	if more < 0 && len(out) > 0 {
		out[len(out)-1].change += more
	}
	return out
}

// find returns what the beginning of a text becomes, of beginnings that are known the shortest:
// that is what the library takes.
func (p *precompiled) find(text string) (to string, ok bool) {
	at := p.next(0)
	for i := range len(text) {
		unit, ok := p.step(at, text[i])
		if !ok {
			return "", false
		}
		if at = p.next(unit); p.isLeaf(unit) {
			return p.rewriting(at)
		}
	}
	return "", false
}

// step is the unit that a byte leads to from where successors lie, if there is one; NUL leads
// nowhere.
func (p *precompiled) step(at uint32, b byte) (unit uint32, ok bool) {
	unit = at ^ uint32(b)
	return unit, b != 0 && unit < uint32(len(p.units)) && p.units[unit]&(1<<31|0xFF) == uint32(b)
}

// isLeaf says whether what leads to a unit is rewritten.
func (p *precompiled) isLeaf(unit uint32) bool { return p.units[unit]&(1<<8) != 0 }

// next is where the successors of a unit lie, each at this place with its byte flipped into it.
func (p *precompiled) next(at uint32) uint32 {
	unit := p.units[at]
	return at ^ unit>>10<<(unit&(1<<9)>>6)
}

// rewriting returns the string of a leaf; ok is false if it points out of the text.
func (p *precompiled) rewriting(leaf uint32) (to string, ok bool) {
	if leaf >= uint32(len(p.units)) {
		return "", false
	}
	at := p.units[leaf] &^ (1 << 31)
	if at >= uint32(len(p.text)) {
		return "", false
	}
	to, _, ok = strings.Cut(p.text[at:], "\x00")
	return to, ok
}

// cluster returns the length of the extended grapheme cluster at the start of a text (Unicode
// Standard Annex 29), if it has at most longestCluster bytes, and otherwise a length beyond:
// shorter ones are CR LF, or a character with signs of Arabic numbers before it and what extends
// it behind. (Clusters of Hangul, flags, Indic conjuncts and joined emojis take 6 bytes or more.)
func cluster(text string) int {
	if strings.HasPrefix(text, "\r\n") {
		return 2
	}
	r, n := utf8.DecodeRuneInString(text)
	if isBreaking(r) {
		return n
	}
	prepended := unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	for n < len(text) {
		r, more := utf8.DecodeRuneInString(text[n:])
		if !extends(r) && !(prepended && !isBreaking(r)) {
			break
		}
		prepended = prepended && unicode.Is(unicode.Prepended_Concatenation_Mark, r)
		n += more
	}
	return n
}

// isBreaking says whether a cluster ends before and behind r: Control, CR and LF of the Annex.
func isBreaking(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && !extends(r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// extends says whether r continues a cluster: Extend, ZWJ and SpacingMark of the Annex.
func extends(r rune) bool {
	const zwj, modifier, lastModifier, thaiAm, laoAm = 0x200D, 0x1F3FB, 0x1F3FF, 0x0E33, 0x0EB3
	return r >= 0x300 && (unicode.In(r, unicode.M, unicode.Other_Grapheme_Extend) || r == zwj || r >= modifier && r <= lastModifier || r == thaiAm || r == laoAm)
}
