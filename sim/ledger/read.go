package ledger

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Line is a line as it was read. Is holds one of the line types of this package.
type Line struct {
	N    int
	Kind string
	Is   any
	Hash string
	Raw  []byte // without the newline
}

// ErrBroken is wrapped by every error that means: these are not the bytes that were written.
var ErrBroken = errors.New("the ledger is broken")

// maxLineBytes bounds one line: the largest is a trial's with its pools, far below this.
const maxLineBytes = 64 << 20

// Read yields the lines of a book and checks the chain on the way. It stops at the first
// line that is not what was written, to the byte, with an error that wraps [ErrBroken] and
// names the line, counted from 1. A book that was cut off between lines reads without an
// error: see [Whole].
func Read(r io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		sc := bufio.NewScanner(r)
		sc.Buffer(make([]byte, 64<<10), maxLineBytes)
		sc.Split(withNewline)
		var h [sha256.Size]byte
		n := 0
		for ; sc.Scan(); n++ {
			line, after, err := parse(n, sc.Bytes(), h)
			if err != nil {
				yield(Line{}, err)
				return
			}
			h = after
			if !yield(line, nil) {
				return
			}
		}
		switch err := sc.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			yield(Line{}, broken(n, "it is longer than %d MiB", maxLineBytes>>20))
		case err != nil:
			yield(Line{}, fmt.Errorf("reading the ledger after line %d: %w", n, err))
		}
	}
}

// Whole reads all lines and insists that the book begins and ends as a trial does: with the
// line of the trial and that of its end, each of them once.
func Whole(r io.Reader) ([]Line, error) {
	var lines []Line
	for l, err := range Read(r) {
		if err != nil {
			return nil, err
		}
		switch {
		case (l.Kind == KindTrial) != (l.N == 0):
			return nil, broken(l.N, "it is a %q line; the first line is a %q line and no other is", l.Kind, KindTrial)
		case l.N > 0 && lines[l.N-1].Kind == KindEnd:
			return nil, broken(l.N, "it comes after the %q line", KindEnd)
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrBroken)
	}
	if lines[len(lines)-1].Kind != KindEnd {
		return nil, fmt.Errorf("%w: it has no %q line after its %d lines; the trial did not finish", ErrBroken, KindEnd, len(lines))
	}
	return lines, nil
}

// withNewline splits after newlines and drops nothing.
func withNewline(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func broken(n int, format string, args ...any) error {
	return fmt.Errorf("%w at line %d: %s", ErrBroken, n+1, fmt.Sprintf(format, args...))
}

// parse reads one line: its hash first, so that what is not what was written is said to be
// so, and then what it says.
func parse(n int, line []byte, before [sha256.Size]byte) (l Line, after [sha256.Size]byte, err error) {
	raw, complete := bytes.CutSuffix(line, []byte{'\n'})
	i := bytes.LastIndex(raw, []byte(sealing))
	if i < 0 {
		return l, after, broken(n, "no hash at its end; was it cut off?")
	}
	covered := append(bytes.Clone(raw[:i]), '}')
	after = chain(before, covered)
	if want := sealed(covered, after); !bytes.Equal(raw, want) {
		return l, after, broken(n, "it ends in %.80q; its content and the lines before it give %q", raw[i:], want[i:])
	}
	if !complete {
		return l, after, broken(n, "no newline at its end; was it cut off?")
	}
	l, err = Parse(n, raw)
	if err == nil && l.Hash != fmt.Sprintf("%x", after) {
		panic(fmt.Sprintf("ledger: line %d has hash %s where %x was checked", n+1, l.Hash, after))
	}
	return l, after, err
}

// Parse reads line number n without its newline, and checks no hash.
func Parse(n int, raw []byte) (l Line, err error) {
	var head struct {
		N    int             `json:"n"`
		Kind string          `json:"kind"`
		Is   json.RawMessage `json:"is"`
		Hash string          `json:"hash"`
	}
	if err := strict(raw, &head); err != nil {
		return l, broken(n, "%v", err)
	}
	if head.N != n {
		return l, broken(n, "it says it is line %d", head.N+1)
	}
	is, err := decode(head.Kind, head.Is)
	if err != nil {
		return l, broken(n, "%v", err)
	}
	return Line{N: n, Kind: head.Kind, Is: is, Hash: head.Hash, Raw: bytes.Clone(raw)}, nil
}

// EndsWith says whether a book whose last bytes these are ends with a line of that kind. It
// is told by the look of it: no hash is checked.
func EndsWith(tail []byte, kind string) bool {
	tail, complete := bytes.CutSuffix(tail, []byte{'\n'})
	last := tail[bytes.LastIndexByte(tail, '\n')+1:]
	return complete && bytes.Contains(last, []byte(`"kind":"`+kind+`"`))
}

// strict reads JSON and refuses fields that it has no place for: a book by a later version
// is not read as if it said less.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w; was it written by another version?", err)
	}
	if d.More() {
		return errors.New("more follows where it should end")
	}
	return nil
}

func decode(kind string, b []byte) (any, error) {
	switch kind {
	case KindTrial:
		var v struct{ Version int }
		if err := json.Unmarshal(b, &v); err == nil && v.Version > Version {
			return nil, fmt.Errorf("it is of version %d, and this simrun reads versions 1 to %d; take the simrun that wrote it, or a later one", v.Version, Version)
		}
		return into[Trial](b)
	case KindPlan:
		return into[Plan](b)
	case KindReport:
		return into[Report](b)
	case KindMissing:
		return into[Missing](b)
	case KindFold:
		return into[Fold](b)
	case KindEvaluate:
		return into[Evaluate](b)
	case KindEnd:
		return into[End](b)
	}
	return nil, fmt.Errorf("%q is no kind of line; was it written by a later version?", kind)
}

func into[T any](b []byte) (any, error) {
	var v T
	err := strict(b, &v)
	return v, err
}
