package results

import (
	"bufio"
	"bytes"
	"errors"
	"os"

	"github.com/loramesh/loramesh/sim/ledger"
)

// Book is the ledger of one trial on its way to disk.
type Book struct {
	*ledger.Book
	file *os.File
	buf  *bufio.Writer
}

// Book opens the ledger file of trial number i. It must not exist yet.
func (f *Folder) Book(i int) (*Book, error) {
	file, err := os.OpenFile(f.ledger(TrialID(i)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	b := &Book{file: file, buf: bufio.NewWriterSize(file, 256<<10)}
	b.Book = ledger.NewBook(b.line)
	return b, nil
}

// line takes one line. A fold closes a round, and so is a checkpoint: all lines up to it
// go to the disk at once. Reports wait for it in memory.
func (b *Book) line(line []byte) error {
	if _, err := b.buf.Write(line); err != nil {
		return err
	}
	if bytes.Contains(line[:min(len(line), 64)], []byte(`"kind":"`+ledger.KindFold+`"`)) {
		return b.Sync()
	}
	return nil
}

// Sync brings all lines written so far to the disk.
func (b *Book) Sync() error {
	if err := b.buf.Flush(); err != nil {
		return err
	}
	return b.file.Sync()
}

// Close syncs and closes. It is called once, whether the trial went well or not.
func (b *Book) Close() error {
	return errors.Join(b.Sync(), b.file.Close())
}

func (f *Folder) ledger(id string) string { return ledgerPath(f.Dir, id) }
