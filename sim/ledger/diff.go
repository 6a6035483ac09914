package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Difference is the first line in which two books part.
type Difference struct {
	N           int    // line number, from 0
	Kind        string // of the line in the first book, or of the second's where the first has ended
	Left, Right []byte // raw lines; nil where a book has ended
	Why         string // the first field that differs, with both values
}

// Diff returns the first difference, or nil. Hashes are left out of the comparison: a
// line whose hash alone differs follows one that differs in content.
func Diff(left, right []Line) *Difference {
	for n := range max(len(left), len(right)) {
		switch {
		case n >= len(left):
			return &Difference{N: n, Kind: right[n].Kind, Right: right[n].Raw, Why: fmt.Sprintf("the first has ended after %d lines", n)}
		case n >= len(right):
			return &Difference{N: n, Kind: left[n].Kind, Left: left[n].Raw, Why: fmt.Sprintf("the second has ended after %d lines", n)}
		}
		l, r := left[n], right[n]
		if l.Kind == r.Kind && bytes.Equal(content(l), content(r)) {
			continue
		}
		why := fmt.Sprintf("kind: %q and %q", l.Kind, r.Kind)
		if l.Kind == r.Kind {
			why = firstField("", generic(l), generic(r))
		}
		return &Difference{N: n, Kind: l.Kind, Left: l.Raw, Right: r.Raw, Why: why}
	}
	return nil
}

func content(l Line) []byte {
	b, err := json.Marshal(l.Is)
	if err != nil {
		panic("ledger: a line that was read cannot be written: " + err.Error())
	}
	return b
}

func generic(l Line) (v any) {
	if err := json.Unmarshal(content(l), &v); err != nil {
		panic("ledger: " + err.Error())
	}
	return v
}

// firstField walks two JSON values and says where they part, in words.
func firstField(path string, a, b any) string {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			break
		}
		for _, k := range sortedKeys(x, y) {
			if !reflect.DeepEqual(x[k], y[k]) {
				return firstField(path+"."+k, x[k], y[k])
			}
		}
	case []any:
		y, ok := b.([]any)
		if !ok {
			break
		}
		for i := range min(len(x), len(y)) {
			if !reflect.DeepEqual(x[i], y[i]) {
				return firstField(fmt.Sprintf("%s[%d]", path, i), x[i], y[i])
			}
		}
		return fmt.Sprintf("%s: %d entries and %d", trimDot(path), len(x), len(y))
	}
	return fmt.Sprintf("%s: %s and %s", trimDot(path), brief(a), brief(b))
}

func trimDot(p string) string {
	if len(p) > 0 && p[0] == '.' {
		return p[1:]
	}
	return p
}

func brief(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if len(b) > 80 {
		return string(b[:77]) + "…"
	}
	return string(b)
}

// sortedKeys returns the keys of both maps, sorted, each once.
func sortedKeys(a, b map[string]any) []string {
	keys := slices.Sorted(maps.Keys(a))
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}
