package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// Book writes the lines of one trial and keeps their running hash:
//
//	h₀ = 32 zero bytes,  hₙ₊₁ = SHA-256(hₙ ‖ the n-th line without its own hash)
//
// A line is {"n":…,"kind":…,"is":{…},"hash":"…"}; its hash covers all that stands before
// the comma of "hash", closed by a brace. Anyone with a SHA-256 can check it.
type Book struct {
	n     int
	hash  [sha256.Size]byte
	out   func(line []byte) error
	fault error  // of a line that could not be put out: nothing can follow it
	room  []byte // of the last line, for the next
}

// NewBook returns an empty book whose lines go to out, each with its newline. A line is the
// book's own, and stays as it is only until out returns without an error.
func NewBook(out func(line []byte) error) *Book { return &Book{out: out} }

// Resume returns a book that goes on after so many lines, of which hash is the running hash.
func Resume(lines int, hash string, out func(line []byte) error) (*Book, error) {
	h, err := hex.DecodeString(hash)
	if err != nil || len(h) != sha256.Size || lines < 1 {
		return nil, fmt.Errorf("ledger: %d lines with hash %q are no place to go on from", lines, hash)
	}
	b := &Book{n: lines, out: out}
	copy(b.hash[:], h)
	return b, nil
}

// Write adds a line. What it is must be one of the line types of this package; a
// report may be handed over by its place, and is not kept. A line that
// has no form (a number that JSON lacks, where no [Number] stands) changes nothing; one
// that could not be put out is the last, and every later call returns its error.
func (b *Book) Write(is any) error {
	if b.fault != nil {
		return b.fault
	}
	kind, err := kindOf(is)
	if err != nil {
		return err
	}
	// The hash before stands in front of what is hashed, and is no part of the line.
	line := append(b.room[:0], b.hash[:]...)
	line = strconv.AppendInt(append(line, `{"n":`...), int64(b.n), 10)
	line = append(append(append(line, `,"kind":"`...), kind...), `","is":`...)
	if line, err = body(line, is); err != nil {
		return fmt.Errorf("ledger line %d (%s): %w", b.n+1, kind, err)
	}
	line = append(line, '}')
	after := sha256.Sum256(line)
	whole := append(sealed(line[sha256.Size:], after), '\n')
	b.room = line
	if err := b.out(whole); err != nil {
		b.fault = fmt.Errorf("ledger line %d (%s): %w", b.n+1, kind, err)
		return b.fault
	}
	b.hash = after
	b.n++
	return nil
}

// Hash names all that was written so far.
func (b *Book) Hash() string { return hex.EncodeToString(b.hash[:]) }

// Len is the number of lines.
func (b *Book) Len() int { return b.n }

// Digest is the SHA-256 of canonical bytes, in hex.
func Digest(canonical []byte) string {
	h := sha256.Sum256(canonical)
	return hex.EncodeToString(h[:])
}

// RunHash names a whole run: the hash of its trials' hashes, in plan order, each with a
// newline.
func RunHash(trials []string) string {
	h := sha256.New()
	for _, t := range trials {
		h.Write([]byte(t))
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sealing is what stands between the content of a line and its hash.
const sealing = `,"hash":"`

// sealed is a line from what its hash covers, in its memory if there is room.
func sealed(covered []byte, hash [sha256.Size]byte) []byte {
	open := bytes.TrimSuffix(covered, []byte{'}'})
	return append(hex.AppendEncode(append(open, sealing...), hash[:]), `"}`...)
}

func chain(before [sha256.Size]byte, covered []byte) [sha256.Size]byte {
	return sha256.Sum256(append(before[:], covered...))
}

func kindOf(is any) (string, error) {
	switch is.(type) {
	case Trial:
		return KindTrial, nil
	case Plan:
		return KindPlan, nil
	case Report, *Report:
		return KindReport, nil
	case Missing:
		return KindMissing, nil
	case Fold:
		return KindFold, nil
	case Evaluate:
		return KindEvaluate, nil
	case End:
		return KindEnd, nil
	}
	return "", fmt.Errorf("ledger: %T is no kind of line", is)
}
