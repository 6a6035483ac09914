package tokenizer

import "strings"

// byPattern divides a stretch as a Split by a published pattern does: words follow each other
// without gaps. It returns the length of the word at the start of a text that is not empty.
type byPattern func(text string) int

func (word byPattern) words(s stretch, emit func(stretch)) {
	for from := 0; from < len(s.text); {
		n := word(s.text[from:])
		emit(s.cut(from, from+n))
		from += n
	}
}

func threeDigitWord(text string) int { return gpt4Word(text, 3) }
func oneDigitWord(text string) int   { return gpt4Word(text, 1) }

// gpt4Word returns the length of the word at the start of text, which is not empty, by the
// pattern of GPT-4 (OpenAI's tiktoken, cl100k_base), with at most so many digits in a word.
// Beside GPT-2's, contractions are of either case, any sign that ends no line may stand before
// a word's letters, and ends of lines stay with the marks or the white space before them.
func gpt4Word(text string, digits int) int {
	if n := foldedContraction(text); n > 0 {
		return n
	}
	class, n := classAt(text, 0)
	if class == number {
		return run(text, n, number, digits-1)
	}
	if class == letter {
		return run(text, n, letter, len(text))
	}
	newline := text[0] == '\r' || text[0] == '\n'
	if n < len(text) && !newline {
		switch next, _ := classAt(text, n); {
		case next == letter:
			return run(text, n, letter, len(text))
		case next == other && text[0] == ' ':
			class = other
		}
	}
	if class == other {
		return lineEnds(text, run(text, n, other, len(text)))
	}
	spaces := run(text, 0, space, len(text))
	if last := strings.LastIndexAny(text[:spaces], "\r\n"); last >= 0 {
		return last + 1
	}
	return spaceWord(text)
}

// run returns where at most so many characters of a class end that begin at a place.
func run(text string, at int, class byte, most int) int {
	for ; most > 0 && at < len(text); most-- {
		next, n := classAt(text, at)
		if next != class {
			break
		}
		at += n
	}
	return at
}

// lineEnds returns where a run of \r and \n ends that begins at a place.
func lineEnds(text string, at int) int {
	for at < len(text) && (text[at] == '\r' || text[at] == '\n') {
		at++
	}
	return at
}

// foldedContraction is contraction in either case. The long s (U+017F) is an s there: it folds
// to one, and the library's regular expressions go by Unicode's folding.
func foldedContraction(text string) int {
	const longS = "'ſ"
	if text[0] != '\'' {
		return 0
	}
	if strings.HasPrefix(text, longS) {
		return len(longS)
	}
	return contraction(strings.ToLower(text[:min(len(text), 3)]))
}
