package ledger

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// body adds a line as JSON, the bytes that encoding/json gives. Reports, of which there is
// one for every participant of every round, are written by hand: reflection took longer
// than the hash.
func body(b []byte, is any) ([]byte, error) {
	switch r := is.(type) {
	case *Report:
		return appendReport(b, r)
	case Report:
		return appendReport(b, &r)
	}
	text, err := json.Marshal(is)
	return append(b, text...), err
}

func appendReport(b []byte, r *Report) ([]byte, error) {
	if err := r.writable(); err != nil {
		return nil, err
	}
	b = appendInt(append(b, '{'), `"round":`, int64(r.Round))
	if r.Age != 0 {
		b = appendInt(b, `,"age":`, int64(r.Age))
	}
	b = appendText(append(b, `,"from":`...), r.From)
	b = appendText(append(b, `,"name":`...), r.Name)
	b = appendInt(b, `,"examples":`, int64(r.Examples))
	b = appendFloat(append(b, `,"share":`...), r.Share)
	b = appendList(append(b, `,"made":`...), r.Made, appendContent)
	b = appendList(append(b, `,"began":`...), r.Began, appendContent)
	if len(r.Kept) > 0 {
		b = appendList(append(b, `,"kept":`...), r.Kept, appendContent)
	}
	b = appendList(append(b, `,"values":`...), r.Values, appendValue)
	b = appendInt(b, `,"up":`, r.Up)
	b = appendInt(b, `,"down":`, r.Down)
	b = appendFloat(append(b, `,"flops":`...), r.Flops)
	b = appendFloat(append(b, `,"spent":`...), float64(r.Spent))
	if r.Energy != 0 {
		b = appendFloat(append(b, `,"energy":`...), r.Energy)
	}
	if len(r.Warnings) > 0 {
		b = appendList(append(b, `,"warnings":`...), r.Warnings, appendText)
	}
	return append(b, '}'), nil
}

// writable says whether all numbers are ones that JSON has.
func (r *Report) writable() error {
	for _, f := range [...]float64{r.Share, r.Flops, float64(r.Spent), r.Energy} {
		if err := writable(f); err != nil {
			return err
		}
	}
	for _, v := range r.Values {
		if err := writable(v.Weight); err != nil {
			return err
		}
	}
	return nil
}

func writable(f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return &json.UnsupportedValueError{Str: strconv.FormatFloat(f, 'g', -1, 64)}
	}
	return nil
}

func appendContent(b []byte, c Content) []byte {
	b = appendText(append(b, `{"name":`...), c.Name)
	return append(appendText(append(b, `,"blob":`...), string(c.Blob)), '}')
}

func appendValue(b []byte, v Value) []byte {
	b = appendText(append(b, `{"name":`...), v.Name)
	if v.Group != "" {
		b = appendText(append(b, `,"group":`...), v.Group)
	}
	b = append(b, `,"value":`...)
	if word, ok := v.Value.word(); ok {
		b = append(b, word...)
	} else {
		b = appendFloat(b, float64(v.Value))
	}
	return append(appendFloat(append(b, `,"weight":`...), v.Weight), '}')
}

func appendInt(b []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(b, key...), n, 10)
}

// appendFloat writes a finite number as encoding/json does: the shortest that reads back to
// the same bits, with an exponent where it is very small or very large.
func appendFloat(b []byte, f float64) []byte {
	if n := int64(f); float64(n) == f && n != 0 && -maxWhole < n && n < maxWhole {
		return strconv.AppendInt(b, n, 10)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	b = strconv.AppendFloat(b, f, format, -1, 64)
	if n := len(b); format == 'e' && n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' { // e-09 is e-9
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}

// maxWhole is a number up to which all whole ones are their own shortest decimals.
const maxWhole = 1 << 53

// plain are the bytes that stand for themselves in a string.
var plain = func() (is [256]bool) {
	for c := range is {
		is[c] = ' ' <= c && c < utf8.RuneSelf && strings.IndexByte("\"\\<>&", byte(c)) < 0
	}
	return is
}()

// appendText writes a string; most have nothing in them that must be escaped.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if !plain[s[i]] {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendList[T any](b []byte, list []T, item func([]byte, T) []byte) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, x := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, x)
	}
	return append(b, ']')
}
