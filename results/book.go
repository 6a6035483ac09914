package results

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Book is the ledger of one trial on its way to disk.
type Book struct {
	*ledger.Book
	disk  blob.Disk
	file  *os.File
	buf   *bufio.Writer
	known bool     // the folder that names its file is on the disk
	fresh *fresh   // lines that the journal has not; nil: there is no journal
	ahead [][]byte // lines that are there already, and must come again just so
}

// Book opens the ledger file of trial number i, which begins where from is nil, and goes on
// from a checkpoint else. Lines that are there beyond it stay: they are compared with those
// that the trial writes now, and one that differs is an [ErrMismatch]. A last line that was
// cut off is removed, and cut says so.
func (f *Folder) Book(i int, from *Checkpoint) (b *Book, cut string, err error) {
	id := TrialID(i)
	done := 0
	if from != nil {
		done = from.Lines
	}
	lines, cut, err := mend(f.ledger(id), done)
	if err != nil {
		return nil, "", fmt.Errorf("trial %s: %w", id, err)
	}
	file, err := os.OpenFile(f.ledger(id), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, "", err
	}
	b = &Book{disk: f.disk(), file: file, buf: bufio.NewWriterSize(file, pieceBytes)}
	b.Book = ledger.NewBook(b.line)
	if from != nil {
		if b.Book, err = ledger.Resume(from.Lines, from.Hash, b.line); err != nil {
			return nil, "", errors.Join(err, file.Close())
		}
	}
	for _, l := range lines {
		b.ahead = append(b.ahead, append(l.Raw, '\n'))
	}
	return b, cut, nil
}

// pieceBytes are given to the system at once: lines come while a method folds, and the most of them
// are to be out of hand when it has.
const pieceBytes = 32 << 10

// Compare returns a book that writes nothing: what a trial writes from a checkpoint on, or
// from its start where that is nil, is compared with its lines.
func Compare(lines []ledger.Line, from *Checkpoint) (b *Book, err error) {
	b = &Book{buf: bufio.NewWriter(io.Discard)}
	b.Book = ledger.NewBook(b.line)
	if from != nil {
		if b.Book, err = ledger.Resume(from.Lines, from.Hash, b.line); err != nil {
			return nil, err
		}
		lines = lines[from.Lines:]
	}
	for _, l := range lines {
		b.ahead = append(b.ahead, append(bytes.Clone(l.Raw), '\n'))
	}
	return b, nil
}

// Ahead counts the lines that have not come again yet.
func (b *Book) Ahead() int { return len(b.ahead) }

// line takes one line. What comes after a fold may be long in coming, so that all lines up
// to it are given to the system; on the disk they are with the next checkpoint.
func (b *Book) line(line []byte) error {
	b.fresh.add(line)
	if len(b.ahead) > 0 {
		was := b.ahead[0]
		if !bytes.Equal(was, line) {
			return &RerunError{ledger.Apart(b.Len(), was, line)}
		}
		b.ahead = b.ahead[1:]
		return nil
	}
	if _, err := b.buf.Write(line); err != nil {
		return err
	}
	if number := bytes.IndexByte(line, ','); bytes.HasPrefix(line[max(number, 0):], foldLine) {
		return b.flush()
	}
	return nil
}

// foldLine is what stands behind the number of a fold's line.
var foldLine = []byte(`,"kind":"` + ledger.KindFold + `"`)

// RerunError says that work which was done again came out differently. It is an
// [ErrMismatch].
type RerunError struct{ Line *ledger.Difference }

func (e *RerunError) Error() string {
	if e.Line == nil { // the contents are one, and the chain has parted before
		return "the ledger has other hashes than the same lines give now"
	}
	return fmt.Sprintf("line %d of the ledger (%s) comes out differently now: %s", e.Line.N+1, e.Line.Kind, e.Line.Why)
}

// Unwrap makes it a mismatch.
func (e *RerunError) Unwrap() error { return ErrMismatch }

func (b *Book) flush() error { return b.buf.Flush() }

// settle brings the lines that were flushed to the disk, while others are being written, and the
// name of their file with the first of them.
func (b *Book) settle() error {
	if err := b.disk.Sync(b.file); err != nil || b.known {
		return err
	}
	b.known = true
	return blob.SyncDir(b.disk, filepath.Dir(b.file.Name()))
}

// Close syncs and closes. It is called once, whether the trial went well or not.
func (b *Book) Close() error {
	if b.file == nil {
		return nil
	}
	return errors.Join(b.flush(), b.settle(), b.file.Close())
}

func (f *Folder) ledger(id string) string { return ledgerPath(f.Dir, id) }

// mend reads the lines beyond the first so many of a ledger that may have been cut off in
// the middle of its last line, and cuts off what is no whole line. Where there is no ledger there
// are no lines.
func mend(path string, beyond int) (lines []ledger.Line, cut string, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	n, in := 0, wholeLines(file)
	for l, err := range ledger.Read(in) {
		if err != nil {
			return nil, "", err
		}
		if n = l.N + 1; n > beyond {
			lines = append(lines, l)
		}
	}
	info, err := file.Stat()
	if err != nil {
		return nil, "", err
	}
	if torn := info.Size() - in.whole; torn > 0 {
		why := ""
		if in.zeros {
			why = " with zeros among them, as a power failure leaves"
		}
		cut = fmt.Sprintf("line %d of its ledger was cut off after %d bytes%s; they are removed", n+1, torn, why)
		return lines, cut, file.Truncate(in.whole)
	}
	return lines, "", nil
}
