package tokenizer

import "strings"

// byteLevel is ByteLevel, the splitter of GPT-2 (Radford et al. 2019). The model behind it
// works on bytes.
type byteLevel struct {
	space bool // puts a space in front of a stretch that has none
	split bool // by the pattern; without it the stretch is one word
}

func (b byteLevel) words(s stretch, emit func(stretch)) {
	if b.space && !strings.HasPrefix(s.text, " ") {
		s = prepend{mark: " "}.normalise(s)
	}
	if !b.split {
		whole{}.words(s, emit)
		return
	}
	byPattern(gpt2Word).words(s, emit)
}

// gpt2Word returns the length of the word at the start of text, which is not empty, by
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// Go's regexp has no lookahead, and would be a tenth as fast.
func gpt2Word(text string) int {
	if text[0] == '\'' {
		if n := contraction(text); n > 0 {
			return n
		}
	}
	at := 0
	if text[0] == ' ' && len(text) > 1 {
		at = 1
	}
	class, n := classAt(text, at)
	if class == space {
		return spaceWord(text)
	}
	return run(text, at+n, class, len(text))
}

// contraction returns the length of 's, 't, 'm, 'd, 're, 've or 'll at the start of text.
func contraction(text string) int {
	if len(text) > 1 {
		switch text[1] {
		case 's', 't', 'm', 'd':
			return 2
		}
	}
	if len(text) > 2 {
		switch text[1:3] {
		case "re", "ve", "ll":
			return 3
		}
	}
	return 0
}

// spaceWord returns the length of the white space at the start of text, less its last
// character where a word follows: that one belongs to the word.
func spaceWord(text string) int {
	last, at := 0, 0
	for at < len(text) {
		class, n := classAt(text, at)
		if class != space {
			if last > 0 {
				return last
			}
			return at
		}
		last = at
		at += n
	}
	return at
}
