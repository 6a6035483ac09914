package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// published is a regular expression that files give to Split, with the scanner that does its
// work. It is recognised by its exact text: Go's regexp has no lookahead, and a pattern that
// differs by one sign divides other words.
type published struct {
	by   string
	text string
	word byPattern
}

// GPT-2's stands in two spellings, and GPT-4's is either Llama 3's or, as in tiktoken's
// cl100k_base, the last. What is possessive there changes nothing, since no shorter match
// would let the rest of its branch succeed; nor does the missing + behind [\r\n], since \s*
// takes all ends of lines but the last.
var publishedPatterns = []published{
	{"GPT-2", `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, gpt2Word},
	{"GPT-2", `'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, gpt2Word},
	{"Llama 3", `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, threeDigitWord},
	{"Qwen2", `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, oneDigitWord},
	{"GPT-4", `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`, threeDigitWord},
}

// parseSplit reads a Split, by a string or by a pattern. The patterns above match every character, so that nothing stands
// between matches, and "keep the matches and what is between them" (Isolated) and "drop what
// is between them" (Removed, inverted, as some conversions of GPT-4 have it) are the same.
func parseSplit(part json.RawMessage) (splitter, error) {
	var p struct {
		Type     string
		Pattern  pattern
		Behavior behaviour
		Invert   bool
	}
	if err := strictPart(preTokenizer, part, &p); err != nil {
		return nil, err
	}
	if !slices.Contains(behaviours, p.Behavior) {
		return nil, fmt.Errorf("%s: Split with behavior %q; known: %q", preTokenizer, p.Behavior, behaviours)
	}
	if mark := p.Pattern.String; mark != nil && *mark != "" && p.Pattern.Regex == nil {
		return byString{mark: *mark, invert: p.Invert, how: p.Behavior}, nil
	}
	if p.Pattern.Regex == nil || p.Pattern.String != nil {
		return nil, fmt.Errorf(`%s: Split: expected a pattern {"String": …} that is not empty, or {"Regex": …}, found %s; %s`, preTokenizer, clip(part), supportedPatterns())
	}
	if keeps := p.Behavior == isolated && !p.Invert; !keeps && !(p.Behavior == removed && p.Invert) {
		return nil, fmt.Errorf("%s: Split by a Regex with behavior %q and invert %v is not supported; supported: Isolated with invert false, Removed with invert true", preTokenizer, p.Behavior, p.Invert)
	}
	for _, known := range publishedPatterns {
		if known.text == *p.Pattern.Regex {
			return known.word, nil
		}
	}
	return nil, fmt.Errorf("%s: Split by the Regex %q is not supported; %s", preTokenizer, *p.Pattern.Regex, supportedPatterns())
}

// supportedPatterns lists them for errors.
func supportedPatterns() string {
	var list strings.Builder
	list.WriteString("supported, to the letter:")
	for _, known := range publishedPatterns {
		fmt.Fprintf(&list, "\n\t%s: %s", known.by, known.text)
	}
	return list.String()
}
