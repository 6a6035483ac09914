package tokenizer

import (
	"encoding/json"
	"fmt"

	"golang.org/x/text/unicode/norm"
)

var forms = map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

func parseNormalizer(raw json.RawMessage) (normalisers, error) {
	parts, err := flatten(raw, "normalizers")
	if err != nil {
		return nil, fmt.Errorf("normalizer: %w", err)
	}
	var steps normalisers
	for _, part := range parts {
		step, err := parseNormaliser(part)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func parseNormaliser(part json.RawMessage) (normaliser, error) {
	kind := kindOf(part)
	switch kind {
	case "BertNormalizer":
		return parseBertNormalizer(part)
	case "NFC", "NFD", "NFKC", "NFKD":
		return form{forms[kind]}, typeOnly("normalizer", part)
	case "Lowercase":
		return lowercase{}, typeOnly("normalizer", part)
	case "StripAccents":
		return without(isMark), typeOnly("normalizer", part)
	case "Strip":
		var p struct {
			Type  string
			Left  bool `json:"strip_left"`
			Right bool `json:"strip_right"`
		}
		err := strictPart("normalizer", part, &p)
		return trimSpace{left: p.Left, right: p.Right}, err
	case "Precompiled":
		return parsePrecompiled(part)
	case "Prepend":
		var p struct{ Type, Prepend string }
		err := strictPart("normalizer", part, &p)
		return prepend{mark: p.Prepend}, err
	case "Replace":
		return parseReplace(part)
	}
	return nil, unknown("normalizer", part, "BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Precompiled", "Prepend", "Replace", "Sequence", "Strip", "StripAccents")
}

func parseBertNormalizer(part json.RawMessage) (normaliser, error) {
	var p struct {
		Type      string
		Clean     bool  `json:"clean_text"`
		Ideograph bool  `json:"handle_chinese_chars"`
		Accents   *bool `json:"strip_accents"`
		Lower     bool  `json:"lowercase"`
	}
	if err := strictPart("normalizer", part, &p); err != nil {
		return nil, err
	}
	accents := p.Lower // what null means
	if p.Accents != nil {
		accents = *p.Accents
	}
	return newBert(p.Clean, p.Ideograph, accents, p.Lower), nil
}

// replacing is a Replace of the normaliser or of the decoder.
type replacing struct {
	Type    string
	Pattern pattern
	Content string
}

// pattern is how the library writes what is looked for.
type pattern struct {
	String *string `json:"String"`
	Regex  *string `json:"Regex"`
}

func parseReplace(part json.RawMessage) (normaliser, error) {
	var p replacing
	if err := strictPart("normalizer", part, &p); err != nil {
		return nil, err
	}
	switch {
	case p.Pattern.String != nil && *p.Pattern.String != "" && p.Pattern.Regex == nil:
		return replace{from: *p.Pattern.String, to: p.Content}, nil
	case p.Pattern.Regex != nil && p.Pattern.String == nil:
		r, err := newReplaceMatches(*p.Pattern.Regex, p.Content)
		if err != nil {
			return nil, fmt.Errorf("normalizer: Replace: %w", err)
		}
		return r, nil
	}
	return nil, fmt.Errorf(`normalizer: Replace: expected a pattern {"String": …} or {"Regex": …} that is not empty, found %s`, clip(part))
}

// strictPart reads one part of the file, whose type is known.
func strictPart(where string, part json.RawMessage, into any) error {
	if err := strict(part, into); err != nil {
		return fmt.Errorf("%s: %s: %w", where, kindOf(part), err)
	}
	return nil
}

// typeOnly reads a part that has no fields beside its type.
func typeOnly(where string, part json.RawMessage) error {
	return strictPart(where, part, &struct{ Type string }{})
}
