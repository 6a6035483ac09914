package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

const preTokenizer = "pre_tokenizer"

func parsePreTokenizer(raw json.RawMessage) (splitter, error) {
	parts, err := flatten(raw, "pretokenizers")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", preTokenizer, err)
	}
	var all splitter = whole{}
	for i := len(parts) - 1; i >= 0; i-- {
		s, err := parseSplitter(parts[i])
		if err != nil {
			return nil, err
		}
		if _, last := all.(whole); last {
			all = s
			continue
		}
		if _, ok := s.(byteLevel); ok {
			return nil, fmt.Errorf("%s: ByteLevel must be the last of its Sequence, since what is behind it would see bytes", preTokenizer)
		}
		all = chain{first: s, rest: all}
	}
	return all, nil
}

// isByteLevel says whether words reach the model as bytes.
func isByteLevel(s splitter) bool {
	for {
		c, ok := s.(chain)
		if !ok {
			_, yes := s.(byteLevel)
			return yes
		}
		s = c.rest
	}
}

func parseSplitter(part json.RawMessage) (splitter, error) {
	switch kindOf(part) {
	case "Whitespace":
		return byClass(atWords), typeOnly(preTokenizer, part)
	case "WhitespaceSplit":
		return byClass(atSpaces), typeOnly(preTokenizer, part)
	case "BertPreTokenizer":
		return byClass(atBert), typeOnly(preTokenizer, part)
	case "Punctuation":
		var p struct{ Type, Behavior string }
		if err := strictPart(preTokenizer, part, &p); err != nil {
			return nil, err
		}
		if p.Behavior != "" && p.Behavior != "Isolated" {
			return nil, fmt.Errorf("%s: Punctuation with behavior %s is not supported; supported: Isolated", preTokenizer, p.Behavior)
		}
		return byClass(atPunctuation), nil
	case "Digits":
		var p struct {
			Type       string
			Individual bool `json:"individual_digits"`
		}
		err := strictPart(preTokenizer, part, &p)
		if p.Individual {
			return byClass(atEachDigit), err
		}
		return byClass(atDigits), err
	case "ByteLevel":
		p, err := parseByteLevel(preTokenizer, part)
		return byteLevel{space: p.Space, split: *p.Regex}, err
	case "Metaspace":
		return parseMetaspace(preTokenizer, part)
	case "Split":
		return parseSplit(part)
	}
	return nil, unknown(preTokenizer, part, "null", "BertPreTokenizer", "ByteLevel", "Digits", "Metaspace", "Punctuation", "Sequence", "Split", "Whitespace", "WhitespaceSplit")
}

// byteLevelFile is a ByteLevel, of which each place uses its own fields.
type byteLevelFile struct {
	Type  string
	Space bool  `json:"add_prefix_space"`
	Trim  bool  `json:"trim_offsets"`
	Regex *bool `json:"use_regex"` // missing in old files: true
}

func parseByteLevel(where string, part json.RawMessage) (byteLevelFile, error) {
	yes := true
	p := byteLevelFile{Regex: &yes}
	err := strictPart(where, part, &p)
	if p.Regex == nil {
		p.Regex = &yes
	}
	return p, err
}

// parseMetaspace reads a Metaspace of the pre-tokenizer or the decoder, in its older form
// (add_prefix_space, str_rep) or the newer (prepend_scheme, split).
func parseMetaspace(where string, part json.RawMessage) (metaspace, error) {
	var p struct {
		Type        string
		Replacement string
		Scheme      *when   `json:"prepend_scheme"`
		Prefix      *bool   `json:"add_prefix_space"`
		StrRep      *string `json:"str_rep"` // always equal to replacement
		Split       *bool
	}
	if err := strictPart(where, part, &p); err != nil {
		return metaspace{}, err
	}
	m := metaspace{mark: p.Replacement, prepend: always, split: p.Split == nil || *p.Split}
	if p.Scheme != nil {
		m.prepend = *p.Scheme
	}
	var err error
	switch {
	case utf8.RuneCountInString(m.mark) != 1:
		err = fmt.Errorf("expected a replacement of one character, found %q", m.mark)
	case m.prepend != always && m.prepend != first && m.prepend != never:
		err = fmt.Errorf("unknown prepend_scheme %q; known: %s, %s, %s", m.prepend, always, first, never)
	case p.Prefix != nil && !*p.Prefix && p.Scheme != nil && *p.Scheme != never:
		err = errors.New("add_prefix_space: false and prepend_scheme contradict each other")
	case p.Prefix != nil && !*p.Prefix:
		m.prepend = never
	}
	if err != nil {
		return metaspace{}, fmt.Errorf("%s: Metaspace: %w", where, err)
	}
	return m, nil
}
