package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Book writes the lines of one trial and keeps their running hash:
//
//	h₀ = 32 zero bytes,  hₙ₊₁ = SHA-256(hₙ ‖ the n-th line without its own hash)
//
// A line is {"n":…,"kind":…,"is":{…},"hash":"…"}; its hash covers all that stands before
// the comma of "hash", closed by a brace. Anyone with a SHA-256 can check it.
type Book struct {
	n    int
	hash [sha256.Size]byte
	out  func(line []byte) error
}

// NewBook returns an empty book whose lines go to out, each with its newline.
func NewBook(out func(line []byte) error) *Book { return &Book{out: out} }

// Write adds a line. What it is must be one of the line types of this package.
func (b *Book) Write(is any) error {
	kind, err := kindOf(is)
	if err != nil {
		return err
	}
	body, err := json.Marshal(is)
	if err != nil {
		return fmt.Errorf("ledger line %d (%s): %w", b.n, kind, err)
	}
	var line bytes.Buffer
	fmt.Fprintf(&line, `{"n":%d,"kind":%q,"is":%s}`, b.n, kind, body)
	b.hash = chain(b.hash, line.Bytes())
	line.Truncate(line.Len() - 1)
	fmt.Fprintf(&line, `,"hash":"%s"}`+"\n", hex.EncodeToString(b.hash[:]))
	b.n++
	if err := b.out(line.Bytes()); err != nil {
		return fmt.Errorf("ledger line %d (%s): %w", b.n-1, kind, err)
	}
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

// RunHash names a whole run: the hash of its trials' hashes, in plan order.
func RunHash(trials []string) string {
	h := sha256.New()
	for _, t := range trials {
		h.Write([]byte(t))
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}

func chain(before [sha256.Size]byte, line []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write(before[:])
	h.Write(line)
	var after [sha256.Size]byte
	h.Sum(after[:0])
	return after
}

func kindOf(is any) (string, error) {
	switch is.(type) {
	case Trial:
		return KindTrial, nil
	case Plan:
		return KindPlan, nil
	case Report:
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
