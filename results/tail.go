package results

import (
	"bufio"
	"errors"
	"io"
)

// wholeLines reads as far as the last newline: what follows it is being written, or was
// cut off.
func wholeLines(r io.Reader) io.Reader { return &lineReader{in: bufio.NewReaderSize(r, 64<<10)} }

type lineReader struct {
	in   *bufio.Reader
	have []byte
}

func (l *lineReader) Read(p []byte) (int, error) {
	if len(l.have) == 0 {
		line, err := l.in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		l.have = line
	}
	n := copy(p, l.have)
	l.have = l.have[n:]
	return n, nil
}
