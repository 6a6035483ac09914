package tokenizer

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

func parseDecoder(raw json.RawMessage) ([]decoder, error) {
	parts, err := flatten(raw, "decoders")
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	var steps []decoder
	for _, part := range parts {
		step, err := parseDecoderStep(part)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func parseDecoderStep(part json.RawMessage) (decoder, error) {
	const where = "decoder"
	switch kindOf(part) {
	case "ByteFallback":
		return byteFallback{}, typeOnly(where, part)
	case "ByteLevel":
		_, err := parseByteLevel(where, part)
		return spelledBytes{}, err
	case "Fuse":
		return fuse{}, typeOnly(where, part)
	case "Metaspace":
		m, err := parseMetaspace(where, part)
		return spacesBack{mark: m.mark, keepFirst: m.prepend == never}, err
	case "Replace":
		var p replacing
		if err := strictPart(where, part, &p); err != nil {
			return nil, err
		}
		if p.Pattern.Regex != nil || p.Pattern.String == nil || *p.Pattern.String == "" {
			return nil, fmt.Errorf(`%s: Replace: expected a pattern {"String": …} that is not empty; a Regex is not supported`, where)
		}
		return replaced{from: *p.Pattern.String, to: p.Content}, nil
	case "Strip":
		var p struct {
			Type, Content string
			Start, Stop   int
		}
		if err := strictPart(where, part, &p); err != nil {
			return nil, err
		}
		if utf8.RuneCountInString(p.Content) != 1 || p.Start < 0 || p.Stop < 0 {
			return nil, fmt.Errorf("decoder: Strip: expected one character and counts of at least 0, found %s", clip(part))
		}
		return strip{content: p.Content, start: p.Start, stop: p.Stop}, nil
	case "WordPiece":
		var p struct {
			Type, Prefix string
			Cleanup      bool
		}
		err := strictPart(where, part, &p)
		return joinWords{prefix: p.Prefix, cleanup: p.Cleanup}, err
	}
	return nil, unknown(where, part, "null", "ByteFallback", "ByteLevel", "Fuse", "Metaspace", "Replace", "Sequence", "Strip", "WordPiece")
}
