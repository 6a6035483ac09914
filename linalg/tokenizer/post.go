package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// post is what happens to the tokens of one text or two: offsets are trimmed where the file
// says so, and the template puts special tokens around them.
type post struct {
	trims        []trim
	single, pair template
}

// template is a sequence of slots.
type template []slot

// slot is a text, with the type that its tokens get, or special tokens.
type slot struct {
	text   int     // 0 or 1; none for special tokens
	ids    []int32 // the special tokens
	typeID int32
}

// plain is what a file without a template does.
var plain = post{single: template{{text: 0}}, pair: template{{text: 0}, {text: 1, typeID: 1}}}

// around fills a template with the tokens of texts.
func (p post) around(t template, special bool, texts ...[]Token) []Token {
	var out []Token
	for _, s := range t {
		if s.text == none {
			if special {
				for _, id := range s.ids {
					out = append(out, Token{ID: id, Type: s.typeID})
				}
			}
			continue
		}
		for _, token := range texts[s.text] {
			token.Type = s.typeID
			out = append(out, token)
		}
	}
	return out
}

// specials counts the tokens that a template adds.
func (t template) specials() (n int) {
	for _, s := range t {
		n += len(s.ids)
	}
	return n
}

// ends returns the special tokens in front of a single text and those behind it.
func (p post) ends() (front, back []int32) {
	to := &front
	for _, s := range p.single {
		if s.text != none {
			to = &back
			continue
		}
		*to = append(*to, s.ids...)
	}
	return front, back
}

// trim takes white space at the ends of pieces out of their offsets (trim_offsets).
type trim struct {
	kept bool // one leading space of the first token stays, since the splitter put it there
}

// trimAll trims the tokens of one text. spelled gives the text of a piece, with the space
// that an added token took along.
func (p post) trimAll(list []Token, spelled func(i int) string) {
	for _, t := range p.trims {
		for i := range list {
			t.one(&list[i], spelled(i), i == 0)
		}
	}
}

func (t trim) one(token *Token, piece string, isFirst bool) {
	isSpace := func(r rune) bool { return r == byteChars[' '] || unicode.IsSpace(r) }
	count := utf8.RuneCountInString(piece)
	leading := count - utf8.RuneCountInString(strings.TrimLeftFunc(piece, isSpace))
	trailing := count - utf8.RuneCountInString(strings.TrimRightFunc(piece, isSpace))
	if leading == 1 && t.kept && (isFirst || token.Start == 0) {
		leading = 0
	}
	token.Start = min(token.Start+leading, token.End)
	if token.End >= trailing {
		token.End = max(token.End-trailing, token.Start)
	}
}
