package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// readJSONL reads one object a line; empty lines are passed over.
func readJSONL(file string, src []byte) ([]row, error) {
	var rows []row
	for i, line := range bytes.Split(src, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		d := newDecoder(line)
		r, err := objectRow(d)
		if err == nil {
			if _, more := d.Token(); more != io.EOF {
				err = errors.New("expected one object a line, found something behind it")
			}
		}
		r.file, r.line = file, i+1
		if err != nil {
			return nil, r.errorf("%v", err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// readJSONArray reads a file that is one array of objects.
func readJSONArray(file string, src []byte) ([]row, error) {
	d := newDecoder(src)
	at := func() row { return row{file: file, line: lineAt(src, d.InputOffset())} }
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return nil, at().errorf("expected a JSON array of objects")
	}
	var rows []row
	for d.More() {
		where := at()
		r, err := objectRow(d)
		if err != nil {
			return nil, where.errorf("%v", err)
		}
		r.file, r.line = file, where.line
		rows = append(rows, r)
	}
	if _, err := d.Token(); err != nil { // the closing bracket
		return nil, at().errorf("the array does not end: %v", whole(err))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, at().errorf("something follows the array")
	}
	return rows, nil
}

// namedList is a list under a name.
type namedList struct {
	name  string
	items []string
}

// readJSONLists reads a file that is one object of lists of text, in the file's order.
func readJSONLists(file string, src []byte) (out []namedList, err error) {
	const want = "an object of lists of text"
	d := newDecoder(src)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, row{file: file, line: 1}.errorf("expected %s", want)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, jsonError(file, src, err, want)
		}
		x := namedList{name: name.(string)} // the decoder has checked: a key is a string
		if err := d.Decode(&x.items); err != nil {
			return nil, row{file: file, line: lineAt(src, d.InputOffset())}.errorf("%s: expected %s: %v", x.name, want, whole(err))
		}
		out = append(out, x)
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, jsonError(file, src, err, want)
	}
	return out, nil
}

func newDecoder(src []byte) *json.Decoder {
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber() // 1.50 stays 1.50
	return d
}

// lineAt is the 1-based line of the first thing behind offset that is not white space.
func lineAt(src []byte, offset int64) int {
	rest := src[min(int(offset), len(src)):]
	offset += int64(len(rest) - len(bytes.TrimLeft(rest, " \t\r\n,")))
	return 1 + bytes.Count(src[:offset], []byte("\n"))
}

// objectRow reads an object. Text stays as it is, null is the empty text, and anything else
// is its JSON.
func objectRow(d *json.Decoder) (row, error) {
	r := row{values: map[string]string{}}
	if t, err := d.Token(); err != nil {
		return r, fmt.Errorf(`expected an object, {"column": value, …}: %w`, whole(err))
	} else if t != json.Delim('{') {
		return r, fmt.Errorf(`expected an object, {"column": value, …}, found %v`, t)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return r, whole(err)
		}
		name := key.(string) // the decoder has checked: a key is a string
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return r, fmt.Errorf("column %q: %w", name, whole(err))
		}
		if _, twice := r.values[name]; twice {
			return r, fmt.Errorf("column %q stands twice in one row", name)
		}
		text, err := textOfValue(value)
		if err != nil {
			return r, fmt.Errorf("column %q: %w", name, err)
		}
		r.names, r.values[name] = append(r.names, name), text
	}
	_, err := d.Token() // the closing brace
	return r, whole(err)
}

func textOfValue(value json.RawMessage) (string, error) {
	switch value[0] {
	case '"':
		var text string
		err := json.Unmarshal(value, &text)
		return text, err
	case 'n':
		return "", nil
	}
	var out bytes.Buffer
	err := json.Compact(&out, value)
	return out.String(), err
}

// whole says in words that a row ends too early.
func whole(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("the JSON ends in the middle of a row")
	}
	return err
}
