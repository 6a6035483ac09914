package data

import (
	"fmt"
	"strings"
)

// template makes a prompt of a row: text with columns in braces. `{{` and `}}` are braces
// themselves, so "{{{name}}}" puts a name in braces.
type template []piece

// piece is literal text or the name of a column.
type piece struct {
	text   string
	column bool
}

// parseTemplate reads a template; an error gives the place in code points, from 1.
func parseTemplate(src string) (template, error) {
	var t template
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			t = append(t, piece{text: text.String()})
			text.Reset()
		}
	}
	runes := []rune(src)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if r != '{' && r != '}' {
			text.WriteRune(r)
			continue
		}
		if i+1 < len(runes) && runes[i+1] == r {
			text.WriteRune(r)
			i++
			continue
		}
		if r == '}' {
			return nil, fmt.Errorf("template: place %d of %q: a brace closes that was not opened; write }} for a brace itself", i+1, src)
		}
		name, closed := nameFrom(runes[i+1:])
		if !closed || name == "" {
			return nil, fmt.Errorf("template: place %d of %q: expected {column}; write {{ for a brace itself", i+1, src)
		}
		flush()
		t = append(t, piece{text: name, column: true})
		i += len([]rune(name)) + 1
	}
	flush()
	return t, nil
}

// nameFrom reads up to the closing brace; another opening one is no part of a name.
func nameFrom(runes []rune) (name string, closed bool) {
	for i, r := range runes {
		switch r {
		case '}':
			return string(runes[:i]), true
		case '{':
			return "", false
		}
	}
	return "", false
}

// fill puts a row's columns in; missing is the first column that the row lacks, "" if none.
func (t template) fill(columns map[string]string) (text, missing string) {
	var out strings.Builder
	for _, p := range t {
		if !p.column {
			out.WriteString(p.text)
			continue
		}
		value, ok := columns[p.text]
		if !ok {
			return "", p.text
		}
		out.WriteString(value)
	}
	return out.String(), ""
}
