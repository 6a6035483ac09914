package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// idxMark is in the names of MNIST's files of pictures, and idxLabels in the names of the files
// of labels that belong to them.
const (
	idxMark   = "-images-idx3-ubyte"
	idxLabels = "-labels-idx1-ubyte"
)

// readIDX reads a pair of IDX files (LeCun's format of MNIST, plain or gzipped): pictures, a
// byte a pixel, and beside them labels, a byte each. A row's column "label" is the number.
func readIDX(files Files) reader {
	return func(file string, src []byte) ([]row, error) {
		dir, name := filepath.Split(file)
		if !strings.Contains(name, idxMark) {
			return nil, fmt.Errorf("%s: expected a file of pictures named as MNIST's, NAME%s or NAME%s.gz; its labels are then in NAME%s", file, idxMark, idxMark, idxLabels)
		}
		pictures, sides, err := parseIDX(src, 3)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		beside := dir + strings.Replace(name, idxMark, idxLabels, 1)
		text, err := files.ReadFile(beside)
		if err != nil {
			return nil, fmt.Errorf("%s: its labels cannot be read: %w", file, err)
		}
		labels, count, err := parseIDX(text, 1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", beside, err)
		}
		if count[0] != sides[0] {
			return nil, fmt.Errorf("%s has %d labels, and %s has %d pictures: the two do not belong together", beside, count[0], file, sides[0])
		}
		rows, size := make([]row, sides[0]), sides[1]*sides[2]
		for i := range rows {
			rows[i] = row{file: file, line: i + 1, names: []string{"label"}, values: map[string]string{"label": strconv.Itoa(int(labels[i]))},
				picture: &Picture{Width: sides[2], Height: sides[1], Channels: 1, Pixels: pictures[i*size : (i+1)*size]}}
		}
		return rows, nil
	}
}

// maxIDX bounds what a header may claim.
const maxIDX = 1 << 31

// parseIDX gives the bytes of an array of so many sides, and the sides.
func parseIDX(src []byte, sides int) (content []byte, shape []int, err error) {
	in := io.Reader(bytes.NewReader(src))
	if bytes.HasPrefix(src, []byte{0x1f, 0x8b}) {
		if in, err = gzip.NewReader(in); err != nil {
			return nil, nil, fmt.Errorf("damaged gzip: %w", err)
		}
	}
	head := make([]byte, 4+4*sides)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, nil, fmt.Errorf("an IDX file of %d sides begins with %d bytes; it ends before: %w", sides, len(head), err)
	}
	if head[0] != 0 || head[1] != 0 || head[2] != 8 || int(head[3]) != sides {
		return nil, nil, fmt.Errorf("it begins with %x; expected %08x, an IDX file of bytes with %d sides", head[:4], 0x0800|sides, sides)
	}
	total := 1
	for i := range sides {
		n := int(binary.BigEndian.Uint32(head[4+4*i:]))
		if n < 1 || total > maxIDX/n {
			return nil, nil, fmt.Errorf("side %d is %d; expected sides of at least 1, and at most %d bytes in all", i+1, n, maxIDX)
		}
		shape, total = append(shape, n), total*n
	}
	content, err = io.ReadAll(io.LimitReader(in, int64(total)+1))
	if err != nil {
		return nil, nil, fmt.Errorf("damaged: %w", err)
	}
	if len(content) < total {
		return nil, nil, fmt.Errorf("it ends after %d of %d bytes: was the download cut off?", len(content), total)
	}
	if len(content) > total {
		return nil, nil, errors.New("something follows the array")
	}
	return content, shape, nil
}
