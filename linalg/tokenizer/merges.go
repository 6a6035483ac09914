package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
)

// endOfText is the one special token of GPT-2.
const endOfText = "<|endoftext|>"

// FromMerges makes GPT-2's tokenizer from the two files in which it came before there was a
// tokenizer.json: vocab.json (piece: id) and merges.txt (a pair a line, perhaps below a line
// that begins with #version). They do not say how text is split or what is special; GPT-2's
// pattern and <|endoftext|> are meant, so a vocabulary without that token is refused.
func FromMerges(vocabJSON, mergesTXT []byte) (*Tokenizer, error) {
	var vocab json.RawMessage
	if err := json.Unmarshal(vocabJSON, &vocab); err != nil {
		return nil, fmt.Errorf("vocab.json: %w", err)
	}
	list, err := entriesOf(vocab)
	if err != nil {
		return nil, fmt.Errorf("vocab.json: %w", err)
	}
	pieces, err := vocabularyOf(list, nil)
	if err != nil {
		return nil, fmt.Errorf("vocab.json: %w", err)
	}
	if _, ok := pieces.id[endOfText]; !ok {
		return nil, fmt.Errorf("vocab.json has no %s: vocab.json and merges.txt are read as GPT-2's; any other tokenizer needs its tokenizer.json", endOfText)
	}
	var merges []Merge
	for i, line := range strings.Split(strings.TrimSuffix(string(mergesTXT), "\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if i == 0 && strings.HasPrefix(line, "#version") {
			continue
		}
		left, right, ok := strings.Cut(line, " ")
		if !ok || left == "" || right == "" || strings.Contains(right, " ") {
			return nil, fmt.Errorf("merges.txt:%d: expected two pieces with a space between, found %s", i+1, clip([]byte(line)))
		}
		merges = append(merges, Merge{Left: left, Right: right})
	}
	source, err := json.Marshal(gpt2File(pieces.piece, merges, []string{endOfText}))
	if err != nil {
		return nil, fmt.Errorf("writing a tokenizer.json: %w", err)
	}
	tok, err := Parse(source)
	if err != nil {
		return nil, fmt.Errorf("vocab.json and merges.txt: %w", err)
	}
	return tok, nil
}
