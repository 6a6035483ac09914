package data

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readCSV reads comma-separated values (RFC 4180) with a header line.
func readCSV(file string, src []byte) ([]row, error) {
	r := csv.NewReader(bytes.NewReader(src))
	r.FieldsPerRecord = -1 // tableRow says it better
	var names []string
	var rows []row
	for {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("%s:%d:%d: %v", file, bad.Line, bad.Column, bad.Err)
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		line, _ := r.FieldPos(0)
		if names == nil {
			if err := header(file, line, fields); err != nil {
				return nil, err
			}
			names = fields
			continue
		}
		row, err := tableRow(file, line, names, fields)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, headed(file, names)
}

// readTSV reads tab-separated values with a header line: a tab ends a field, a line end ends
// a row, quotes are letters like any other.
func readTSV(file string, src []byte) ([]row, error) {
	var names []string
	var rows []row
	for i, line := range strings.Split(string(src), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			continue
		}
		fields := strings.Split(line, "\t")
		if names == nil {
			if err := header(file, i+1, fields); err != nil {
				return nil, err
			}
			names = fields
			continue
		}
		row, err := tableRow(file, i+1, names, fields)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, headed(file, names)
}

func header(file string, line int, names []string) error {
	if len(names) == 1 && strings.ContainsAny(names[0], ";|\t,") {
		return fmt.Errorf("%s:%d: the header has one column, %q; CSV has commas between columns, TSV has tabs: write the format that it is, or convert the file", file, line, names[0])
	}
	seen := map[string]bool{}
	for i, name := range names {
		if name == "" || seen[name] {
			return fmt.Errorf("%s:%d: the header's column %d is %q; names must be there and differ", file, line, i+1, name)
		}
		seen[name] = true
	}
	return nil
}

func headed(file string, names []string) error {
	if names == nil {
		return fmt.Errorf("%s:1: expected a header line with the names of the columns; the file is empty", file)
	}
	return nil
}

func tableRow(file string, line int, names, fields []string) (row, error) {
	r := row{file: file, line: line, names: names, values: make(map[string]string, len(names))}
	if len(fields) != len(names) {
		return r, r.errorf("expected %d fields, as the header has, found %d", len(names), len(fields))
	}
	for i, name := range names {
		r.values[name] = fields[i]
	}
	return r, nil
}
