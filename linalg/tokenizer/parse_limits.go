package tokenizer

import (
	"encoding/json"
	"fmt"
)

// direction is Left or Right, the library's default.
type direction string

func (d direction) left(where string) (bool, error) {
	if d != "Left" && d != "Right" && d != "" {
		return false, fmt.Errorf("%s.direction: expected Left or Right, found %q", where, string(d))
	}
	return d == "Left", nil
}

func parseTruncation(raw json.RawMessage) (*Truncation, error) {
	if absent(raw) {
		return nil, nil
	}
	var f struct {
		Direction direction
		Max       int `json:"max_length"`
		Strategy  Strategy
		Stride    int // of what is cut off, and that is not kept
	}
	if err := strict(raw, &f); err != nil {
		return nil, fmt.Errorf("truncation: %w", err)
	}
	if f.Max < 1 {
		return nil, fmt.Errorf("truncation.max_length: expected at least 1, found %d", f.Max)
	}
	if f.Strategy != LongestFirst && f.Strategy != OnlyFirst && f.Strategy != OnlySecond {
		return nil, fmt.Errorf("truncation.strategy: expected %s, %s or %s, found %q", LongestFirst, OnlyFirst, OnlySecond, f.Strategy)
	}
	left, err := f.Direction.left("truncation")
	return &Truncation{Tokens: f.Max, Strategy: f.Strategy, Left: left}, err
}

func parsePadding(raw json.RawMessage, vocab int) (*Padding, error) {
	if absent(raw) {
		return nil, nil
	}
	var f struct {
		Strategy  json.RawMessage
		Direction direction
		Multiple  *int   `json:"pad_to_multiple_of"`
		ID        int32  `json:"pad_id"`
		Type      int32  `json:"pad_type_id"`
		Token     string `json:"pad_token"` // the id says it all
	}
	if err := strict(raw, &f); err != nil {
		return nil, fmt.Errorf("padding: %w", err)
	}
	p := Padding{ID: f.ID, Type: f.Type}
	var fixed struct{ Fixed int }
	switch {
	case string(f.Strategy) == `"BatchLongest"`:
	case strict(f.Strategy, &fixed) == nil && fixed.Fixed > 0:
		p.Tokens = fixed.Fixed
	default:
		return nil, fmt.Errorf(`padding.strategy: expected "BatchLongest" or {"Fixed": LENGTH}, found %s`, clip(f.Strategy))
	}
	if f.Multiple != nil {
		p.Multiple = *f.Multiple
	}
	var err error
	if p.Left, err = f.Direction.left("padding"); err != nil {
		return nil, err
	}
	if err := p.check(vocab); err != nil {
		return nil, err
	}
	return &p, nil
}
