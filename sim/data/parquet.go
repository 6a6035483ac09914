package data

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
)

// parquetBatch is how many rows are decoded at once.
const parquetBatch = 256

// parquetColumn is a column by its name, and how its values are written.
type parquetColumn struct {
	name string
	text parquetText
}

// readParquet reads an Apache Parquet file of flat columns. Texts must be UTF-8, missing values
// become the empty text, and other values their usual writing: 1, 0.5, true, 2026-11-29; see
// [parquetTextOf]. A row's line is its number, from 1.
func readParquet(file string, src []byte) (rows []row, err error) {
	defer func() { // the decoder panics where a damaged file leads it astray
		if what := recover(); what != nil {
			rows, err = nil, fmt.Errorf("%s: a damaged Parquet file: %v", file, what)
		}
	}()
	f, err := parquet.OpenFile(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		return nil, fmt.Errorf("%s: no Parquet file: %w", file, err)
	}
	columns, err := parquetColumns(f.Schema())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, group := range f.RowGroups() {
		if group.NumRows() == 0 { // a reader would look for its first page
			continue
		}
		if rows, err = readRowGroup(file, columns, group, rows); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// parquetColumns are the columns, in the file's order; one that is nested or repeated is refused.
func parquetColumns(s *parquet.Schema) (columns []parquetColumn, err error) {
	for _, path := range s.Columns() {
		leaf, ok := s.Lookup(path...)
		if !ok || len(path) != 1 || leaf.Node.Repeated() {
			return nil, fmt.Errorf("column %q is nested or a list; expected flat columns, so take it apart or leave it out when writing the file", strings.Join(path, "."))
		}
		text, err := parquetTextOf(leaf.Node.Type())
		if err != nil {
			return nil, fmt.Errorf("column %q %w", path[0], err)
		}
		columns = append(columns, parquetColumn{path[0], text})
	}
	return columns, nil
}

func readRowGroup(file string, columns []parquetColumn, group parquet.RowGroup, rows []row) (_ []row, err error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	in := group.Rows()
	defer func() { err = errors.Join(err, in.Close()) }()
	buffer := make([]parquet.Row, parquetBatch)
	for {
		n, err := in.ReadRows(buffer)
		for _, values := range buffer[:n] {
			r := row{file: file, line: len(rows) + 1, names: names, values: make(map[string]string, len(names))}
			for _, v := range values {
				text := ""
				if !v.IsNull() {
					text = columns[v.Column()].text(v)
				}
				if !utf8.ValidString(text) {
					return nil, r.errorf("column %q: not UTF-8", names[v.Column()])
				}
				r.values[names[v.Column()]] = text
			}
			rows = append(rows, r)
		}
		switch {
		case err == io.EOF:
			return rows, nil
		case err != nil:
			return nil, fmt.Errorf("%s: after row %d: %w", file, len(rows), err)
		case n == 0:
			return nil, fmt.Errorf("%s: after row %d: the file gives no more rows and does not end", file, len(rows))
		}
	}
}
