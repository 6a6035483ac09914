package ledger

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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
// line that is not what was written, with an error that wraps [ErrBroken] and names the
// line. A book that was cut off between lines reads without an error: see [Whole].
func Read(r io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		sc := bufio.NewScanner(r)
		sc.Buffer(make([]byte, 64<<10), maxLineBytes)
		var h [sha256.Size]byte
		for n := 0; sc.Scan(); n++ {
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
		if err := sc.Err(); err != nil {
			yield(Line{}, fmt.Errorf("%w: %v", ErrBroken, err))
		}
	}
}

// Whole reads all lines and insists that the book has its first and its last.
func Whole(r io.Reader) ([]Line, error) {
	var lines []Line
	for l, err := range Read(r) {
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 || lines[0].Kind != KindTrial {
		return nil, fmt.Errorf("%w: it does not begin with a %q line", ErrBroken, KindTrial)
	}
	if lines[len(lines)-1].Kind != KindEnd {
		return nil, fmt.Errorf("%w: it has no %q line; the trial did not finish", ErrBroken, KindEnd)
	}
	return lines, nil
}

func parse(n int, raw []byte, before [sha256.Size]byte) (l Line, after [sha256.Size]byte, err error) {
	broken := func(format string, args ...any) error {
		return fmt.Errorf("%w at line %d: %s", ErrBroken, n+1, fmt.Sprintf(format, args...))
	}
	i := bytes.LastIndex(raw, []byte(`,"hash":"`))
	if i < 0 {
		return l, after, broken("no hash at its end; was it cut off?")
	}
	covered := append(bytes.Clone(raw[:i]), '}')
	var head struct {
		N    int             `json:"n"`
		Kind string          `json:"kind"`
		Is   json.RawMessage `json:"is"`
		Hash string          `json:"hash"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return l, after, broken("%v", err)
	}
	after = chain(before, covered)
	if want := hex.EncodeToString(after[:]); head.Hash != want {
		return l, after, broken("its hash is %.12s…, its content and the lines before it give %.12s…", head.Hash, want)
	}
	if head.N != n {
		return l, after, broken("it says it is line %d", head.N+1)
	}
	is, err := decode(head.Kind, head.Is)
	if err != nil {
		return l, after, broken("%v", err)
	}
	return Line{N: n, Kind: head.Kind, Is: is, Hash: head.Hash, Raw: bytes.Clone(raw)}, after, nil
}

func decode(kind string, b []byte) (any, error) {
	switch kind {
	case KindTrial:
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
	err := json.Unmarshal(b, &v)
	return v, err
}
