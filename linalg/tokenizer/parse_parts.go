package tokenizer

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// pattern is how the library writes what Replace looks for.
type pattern struct {
	String *string `json:"String"`
	Regex  *string `json:"Regex"`
}

func parseNormalizer(raw json.RawMessage) ([]normaliser, error) {
	parts, err := flatten(raw, "normalizers")
	if err != nil {
		return nil, fmt.Errorf("normalizer: %w", err)
	}
	var steps []normaliser
	for _, part := range parts {
		switch kindOf(part) {
		case "Prepend":
			var p struct{ Type, Prepend string }
			if err := strict(part, &p); err != nil {
				return nil, fmt.Errorf("normalizer: Prepend: %w", err)
			}
			steps = append(steps, prepend{mark: []rune(p.Prepend)})
		case "Replace":
			from, to, err := replacement("normalizer", part)
			if err != nil {
				return nil, err
			}
			old, n := utf8.DecodeRuneInString(from)
			mark, m := utf8.DecodeRuneInString(to)
			if n != len(from) || m != len(to) || m == 0 {
				return nil, fmt.Errorf("normalizer: Replace of %q by %q is not supported; supported: one character by one character", from, to)
			}
			steps = append(steps, replace{from: old, to: mark})
		default:
			return nil, unknown("normalizer", part, "Prepend", "Replace", "Sequence")
		}
	}
	return steps, nil
}

// replacement reads a Replace of the normaliser or of the decoder.
func replacement(where string, part json.RawMessage) (from, to string, err error) {
	var p struct {
		Type    string
		Pattern pattern
		Content string
	}
	if err := strict(part, &p); err != nil {
		return "", "", fmt.Errorf("%s: Replace: %w", where, err)
	}
	if p.Pattern.Regex != nil || p.Pattern.String == nil || *p.Pattern.String == "" {
		return "", "", fmt.Errorf(`%s: Replace: expected a pattern {"String": …} that is not empty; a Regex is not supported`, where)
	}
	return *p.Pattern.String, p.Content, nil
}

func parsePreTokenizer(raw json.RawMessage) (splitter, error) {
	if absent(raw) {
		return whole{}, nil
	}
	switch kindOf(raw) {
	case "WhitespaceSplit":
		return atSpaces{}, nil
	case "Whitespace":
		return atWords{}, nil
	}
	return nil, unknown("pre_tokenizer", raw, "null", "Whitespace", "WhitespaceSplit")
}

// templateFile is `post_processor` of type TemplateProcessing; pair, for two texts, is read
// and not used: nothing here encodes two texts as one.
type templateFile struct {
	Type    string
	Single  []templateItem
	Pair    json.RawMessage
	Special map[string]struct {
		ID     string
		IDs    []int32
		Tokens []string
	} `json:"special_tokens"`
}

// templateItem is one of two things: the text or a token beside it.
type templateItem struct {
	SpecialToken *templateRef
	Sequence     *templateRef
}

type templateRef struct {
	ID     string
	TypeID int `json:"type_id"`
}

func parsePostProcessor(raw json.RawMessage, v vocabulary) (template, error) {
	const where = "post_processor"
	var t template
	if absent(raw) {
		return t, nil
	}
	if kindOf(raw) != "TemplateProcessing" {
		return t, unknown(where, raw, "null", "TemplateProcessing")
	}
	var f templateFile
	if err := strict(raw, &f); err != nil {
		return t, fmt.Errorf("%s: %w", where, err)
	}
	texts := 0
	for i, item := range f.Single {
		switch {
		case item.Sequence != nil && item.SpecialToken == nil:
			texts++
		case item.SpecialToken != nil && item.Sequence == nil:
			special, ok := f.Special[item.SpecialToken.ID]
			if !ok {
				return t, fmt.Errorf("%s.single[%d]: %q is not in special_tokens", where, i, item.SpecialToken.ID)
			}
			for _, id := range special.IDs {
				if id < 0 || int(id) >= len(v.piece) {
					return t, fmt.Errorf("%s.special_tokens[%q]: id %d is outside the vocabulary of %d", where, item.SpecialToken.ID, id, len(v.piece))
				}
			}
			if texts == 0 {
				t.front = append(t.front, special.IDs...)
			} else {
				t.back = append(t.back, special.IDs...)
			}
		default:
			return t, fmt.Errorf("%s.single[%d]: expected a SpecialToken or a Sequence", where, i)
		}
	}
	if texts != 1 {
		return t, fmt.Errorf("%s.single: expected the text once, found it %d times", where, texts)
	}
	return t, nil
}

func parseDecoder(raw json.RawMessage) ([]decoder, error) {
	parts, err := flatten(raw, "decoders")
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	var steps []decoder
	for _, part := range parts {
		switch kindOf(part) {
		case "Replace":
			from, to, err := replacement("decoder", part)
			if err != nil {
				return nil, err
			}
			steps = append(steps, replaced{from: from, to: to})
		case "ByteFallback":
			steps = append(steps, byteFallback{})
		case "Fuse":
			steps = append(steps, fuse{})
		case "Strip":
			var p struct {
				Type, Content string
				Start, Stop   int
			}
			if err := strict(part, &p); err != nil {
				return nil, fmt.Errorf("decoder: Strip: %w", err)
			}
			if utf8.RuneCountInString(p.Content) != 1 || p.Start < 0 || p.Stop < 0 {
				return nil, fmt.Errorf("decoder: Strip: expected one character and counts of at least 0, found %s", clip(part))
			}
			steps = append(steps, strip{content: p.Content, start: p.Start, stop: p.Stop})
		default:
			return nil, unknown("decoder", part, "null", "ByteFallback", "Fuse", "Replace", "Sequence", "Strip")
		}
	}
	return steps, nil
}
