package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"
)

// Difference is the first line in which two books part.
type Difference struct {
	N           int    // line number, from 0
	Kind        string // of the line in the first book, or of the second's where the first has ended
	Left, Right []byte // raw lines; nil where a book has ended
	Why         string // the first field that differs, with both values
}

// Diff returns the first difference between two books that were read, or nil. Hashes are
// left out of the comparison: a line whose hash alone differs follows one that differs in
// content. All else is compared byte by byte, as it was written.
func Diff(left, right []Line) *Difference {
	for n := range max(len(left), len(right)) {
		switch {
		case n >= len(left):
			return &Difference{N: n, Kind: right[n].Kind, Right: right[n].Raw, Why: fmt.Sprintf("the first has ended after %d lines", n)}
		case n >= len(right):
			return &Difference{N: n, Kind: left[n].Kind, Left: left[n].Raw, Why: fmt.Sprintf("the second has ended after %d lines", n)}
		}
		l, r := left[n], right[n]
		if bytes.Equal(content(l), content(r)) {
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

// Apart says where two lines of one number part, each as it was written, with its newline or
// without; nil where their contents are the same.
func Apart(n int, left, right []byte) *Difference {
	var two [2]Line
	for i, raw := range [][]byte{left, right} {
		raw = bytes.TrimSuffix(raw, []byte{'\n'})
		var head struct{ Kind string }
		if err := json.Unmarshal(raw, &head); err != nil {
			return &Difference{N: n, Left: left, Right: right, Why: err.Error()}
		}
		two[i] = Line{N: n, Kind: head.Kind, Raw: raw}
	}
	d := Diff(two[:1], two[1:])
	if d != nil {
		d.N = n
	}
	return d
}

// content is a line without its hash, as it was written.
func content(l Line) []byte {
	i := bytes.LastIndex(l.Raw, []byte(sealing))
	if i < 0 {
		panic(fmt.Sprintf("ledger: line %d was never read: it has no hash", l.N+1))
	}
	return l.Raw[:i]
}

// generic is what a line says, as maps, lists and words; numbers stay as written.
func generic(l Line) (v any) {
	var line struct{ Is json.RawMessage }
	err := json.Unmarshal(l.Raw, &line)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(line.Is))
		d.UseNumber()
		err = d.Decode(&v)
	}
	if err != nil {
		panic(fmt.Sprintf("ledger: line %d was never read: %v", l.N+1, err))
	}
	return v
}

// firstField walks two JSON values and says where they part, in words. Fields are walked
// by name. What one of the two leaves out is null in it.
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
	l, r := written(a), written(b)
	from := shared(l, r)
	return fmt.Sprintf("%s: %s and %s", trimDot(path), brief(l, from), brief(r, from))
}

func trimDot(p string) string {
	if len(p) > 0 && p[0] == '.' {
		return p[1:]
	}
	return p
}

func written(v any) []rune {
	b, err := json.Marshal(v)
	if err != nil || !utf8.Valid(b) {
		panic(fmt.Sprintf("ledger: what was read as JSON is none: %v", v))
	}
	return []rune(string(b))
}

// shared counts how much two texts have in common from the first on.
func shared(a, b []rune) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// briefRunes of a value are shown, and of these so many before the place where it differs.
const (
	briefRunes = 80
	leadRunes  = 20
)

// brief is a text short enough for one line, with what stands at a place in it.
func brief(text []rune, at int) string {
	if len(text) <= briefRunes {
		return string(text)
	}
	from := max(0, at-leadRunes)
	to := min(len(text), from+briefRunes)
	s := string(text[from:to])
	if from > 0 {
		s = "…" + s
	}
	if to < len(text) {
		s += "…"
	}
	return s
}

// sortedKeys returns the keys of both maps, sorted, each once.
func sortedKeys(a, b map[string]any) []string {
	keys := slices.Collect(maps.Keys(a))
	keys = slices.AppendSeq(keys, maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
