package data

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// row is one line of a file before the template is applied. Every value is text.
type row struct {
	file   string
	line   int      // 1-based; of the row's beginning
	names  []string // in the file's order
	values map[string]string

	picture *Picture // nil: none
}

func (r row) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", r.file, r.line, fmt.Sprintf(format, args...))
}

// hash is the first 64 bits of the SHA-256 of names and values, sorted by name and each with
// its length in front, so that no two different rows spell the same bytes.
func (r row) hash() uint64 {
	h := sha256.New()
	for _, name := range slices.Sorted(slices.Values(r.names)) {
		for _, part := range []string{name, r.values[name]} {
			var n [8]byte
			binary.BigEndian.PutUint64(n[:], uint64(len(part)))
			h.Write(n[:])
			h.Write([]byte(part))
		}
	}
	if p := r.picture; p != nil {
		_, _ = fmt.Fprintf(h, "%d×%d×%d", p.Width, p.Height, p.Channels) // a hash takes all
		h.Write(p.Pixels)
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// textOf checks that a file is UTF-8 and takes a byte order mark away.
func textOf(file string, src []byte) ([]byte, error) {
	src = bytes.TrimPrefix(src, []byte("\uFEFF"))
	if utf8.Valid(src) {
		return src, nil
	}
	line := 1
	for rest := src; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		rest = rest[n:]
	}
	return nil, fmt.Errorf("%s:%d: not UTF-8; convert the file, for example with iconv -t utf-8", file, line)
}

// sortNatural sorts paths so that numbers in them count as numbers: part_2 before part_10.
func sortNatural(paths []string) {
	slices.SortFunc(paths, func(a, b string) int {
		return cmp.Or(Naturally(a, b), strings.Compare(a, b))
	})
}

// Naturally orders names so that numbers in them count as numbers; names that differ in leading
// zeros alone have their lengths for an order, or none.
func Naturally(a, b string) int {
	for a != "" && b != "" {
		x, y := head(a), head(b)
		a, b = a[len(x):], b[len(y):]
		order := strings.Compare(x, y)
		if isDigit(x[0]) && isDigit(y[0]) {
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			order = cmp.Or(len(x)-len(y), strings.Compare(x, y))
		}
		if order != 0 {
			return order
		}
	}
	return len(a) - len(b)
}

// head is the run of digits, or of anything else, at the start of s.
func head(s string) string {
	n := 1
	for n < len(s) && isDigit(s[n]) == isDigit(s[0]) {
		n++
	}
	return s[:n]
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
