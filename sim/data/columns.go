package data

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/suggest"
)

// Our words for columns, those that `columns: {answer: reply}` may have on its left.
var ourWords = []string{"prompt", "answer", "label", "group", "user", "task", "time", "pair", "image"}

// shape says how a row becomes an example.
type shape struct {
	alias  map[string]string // our word to the file's column
	prompt template
	answer string // the column of the answer, by either name

	form                 string // whose prompt and answer it takes where the scenario gives none
	ownPrompt, ownAnswer bool   // the scenario gives them
}

// shapeOf reads `columns` and `template`. prompt and answer are the layout's own template and
// answer column, which the scenario may override.
func shapeOf(d scenario.Data, prompt, answer string) (shape, error) {
	for _, word := range slices.Sorted(maps.Keys(d.Columns)) {
		if !slices.Contains(ourWords, word) {
			return shape{}, fmt.Errorf("columns: unknown word %q on the left; known: %q%s", word, ourWords, suggest.DidYouMean(word, ourWords))
		}
	}
	s := shape{alias: d.Columns, answer: answer, form: d.Form, ownAnswer: d.Label != "" || d.Columns["answer"] != "",
		ownPrompt: d.Template != "" || d.Columns["prompt"] != ""}
	if _, renamed := d.Columns["answer"]; renamed {
		s.answer = "answer"
		if d.Label != "" && d.Label != "answer" {
			return shape{}, fmt.Errorf("label and columns: answer both say what the answer is, %q and %q; leave one out", d.Label, d.Columns["answer"])
		}
	}
	if d.Label != "" {
		s.answer = d.Label
	}
	if d.Template != "" {
		prompt = d.Template
	} else if _, renamed := d.Columns["prompt"]; renamed {
		prompt = "{prompt}"
	}
	var err error
	s.prompt, err = parseTemplate(prompt)
	return s, err
}

// examples applies the shape to rows; the first row that lacks a column is the error.
func (s shape) examples(rows []row) ([]Example, error) {
	list := make([]Example, len(rows))
	for i, r := range rows {
		e, err := s.example(r)
		if err != nil {
			return nil, err
		}
		list[i] = e
	}
	return list, nil
}

func (s shape) example(r row) (Example, error) {
	e := Example{Columns: r.values, Hash: r.hash(), Picture: r.picture}
	if len(s.alias) > 0 {
		e.Columns = maps.Clone(r.values)
	}
	for _, word := range slices.Sorted(maps.Keys(s.alias)) {
		value, ok := r.values[s.alias[word]]
		if !ok {
			return e, r.lacks(s.alias[word], "columns: "+word)
		}
		e.Columns[word] = value
	}
	if text, ok := e.Columns["pair"]; ok && s.alias["pair"] != "" {
		e.Pair = &text
	}
	var missing string
	if e.Prompt, missing = s.prompt.fill(e.Columns); missing != "" {
		return e, r.lacks(missing, "template")
	}
	var ok bool
	if e.Answer, ok = e.Columns[s.answer]; !ok {
		return e, r.lacks(s.answer, "the answer")
	}
	return e, nil
}

// lacks says which column is missing, who asked for it, and which ones there are.
func (r row) lacks(column, asker string) error {
	return &NoColumn{Place: fmt.Sprintf("%s:%d", r.file, r.line), Column: column, Asker: asker, Names: r.names}
}

// NoColumn is the error of a row that lacks a column.
type NoColumn struct {
	Place  string   // file:line
	Column string   // that is missing
	Asker  string   // "template", "columns: WORD", or "the answer"
	Names  []string // of the columns that are there
}

// Error gives the cure in the words of a scenario.
func (e *NoColumn) Error() string { return e.Say("columns: {%s: …}", "write a template such as") }

// Say gives the cure in other words: how a word of ours is given to a column, the word as %s, and
// how a template is given.
func (e *NoColumn) Say(rename, template string) string {
	cure := suggest.DidYouMean(e.Column, e.Names)
	if cure == "" && slices.Contains(ourWords, e.Column) {
		cure = "; name yours with " + fmt.Sprintf(rename, e.Column)
		if e.Column == "prompt" && len(e.Names) > 0 {
			cure += ", or " + template + ` "{` + e.Names[0] + `}"`
		}
	}
	return fmt.Sprintf("%s: no column %q, which %s needs; columns here: %q%s", e.Place, e.Column, e.Asker, e.Names, cure)
}

// pictures opens the files that the column of pictures names; their paths begin at the file
// that names them.
func (s shape) pictures(rows []row, files Files) error {
	column := s.alias["image"]
	if column == "" {
		return nil
	}
	for i := range rows {
		r := &rows[i]
		name, ok := r.values[column]
		if !ok {
			return r.lacks(column, "columns: image")
		}
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(r.file), name)
		}
		src, err := files.ReadFile(name)
		if err != nil {
			return r.errorf("its picture: %v", err)
		}
		if r.picture, err = DecodePicture(src); err != nil {
			return r.errorf("%s: %v", name, err)
		}
	}
	return nil
}
