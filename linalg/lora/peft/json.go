package peft

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// idle says whether a value switches its key off.
func idle(raw json.RawMessage) bool {
	return slices.Contains([]string{"null", "false", "{}", "[]", `""`, "0"}, string(bytes.TrimSpace(raw)))
}

// oneOrMore reads a value or a list of values; null is none.
func oneOrMore[T any](key string, raw json.RawMessage) ([]T, error) {
	var list []T
	if err := json.Unmarshal(raw, &list); err == nil {
		return list, nil
	}
	var one T
	if err := json.Unmarshal(raw, &one); err != nil {
		return nil, fmt.Errorf("%s is %s, expected %T or a list of them", key, short(raw), one)
	}
	return []T{one}, nil
}

// short is a value for an error, on one line, and cut where it is long.
func short(raw []byte) string {
	const most = 80
	var line bytes.Buffer
	if json.Compact(&line, raw) == nil {
		raw = line.Bytes()
	}
	if len(raw) > most {
		return string(bytes.ToValidUTF8(raw[:most], nil)) + "…"
	}
	return string(raw)
}

func orNothing(s string) string {
	if s == "" {
		return "missing"
	}
	return short([]byte(s))
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
