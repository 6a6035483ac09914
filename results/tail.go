package results

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// wholeLines reads a ledger as far as its lines are whole: what follows the last newline is being
// written, or was cut off, and zeros are what a power failure leaves where the disk knew how long
// the file was, and not yet what was in it. No line has any.
func wholeLines(r io.Reader) *lineReader { return &lineReader{in: bufio.NewReaderSize(r, 64<<10)} }

type lineReader struct {
	in    *bufio.Reader
	have  []byte
	whole int64 // bytes of the lines so far
	over  bool
	zeros bool // it is over where some stand
}

func (l *lineReader) Read(p []byte) (int, error) {
	if len(l.have) == 0 {
		var err error
		if l.have, err = l.next(); err != nil {
			return 0, err
		}
		if l.have == nil {
			return 0, io.EOF
		}
	}
	n := copy(p, l.have)
	l.have = l.have[n:]
	return n, nil
}

// next is the next line; nil: there is no more.
func (l *lineReader) next() ([]byte, error) {
	if l.over {
		return nil, nil
	}
	line, err := l.in.ReadBytes('\n')
	l.zeros = bytes.IndexByte(line, 0) >= 0
	if l.over = l.zeros || errors.Is(err, io.EOF); l.over {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l.whole += int64(len(line))
	return line, nil
}
