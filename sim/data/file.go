package data

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/suggest"
)

// reader turns the text of a file into rows.
type reader func(file string, src []byte) ([]row, error)

var (
	formats = []string{"jsonl", "csv", "tsv", "text", "parquet", "idx", "lamp"}
	readers = map[string]reader{"jsonl": readJSONL, "csv": readCSV, "tsv": readTSV, "text": readText} // idx needs two files, parquet is no text, lamp is two halves at once
	// What an extension means where the scenario gives no format.
	extensions = map[string]string{".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv", ".txt": "text", ".parquet": "parquet"}
)

// loadFiles reads `file: GLOB` and `test: GLOB`. Several training files are natural shards,
// in the natural order of their names. Format text has no prompt: each line is an answer.
func loadFiles(d scenario.Data, files Files) (*Set, error) {
	prompt, answer := "{prompt}", "answer"
	train, err := match(files, "file", d.File)
	if err != nil {
		return nil, err
	}
	format, err := formatOf(d.Format, train[0])
	if err != nil {
		return nil, err
	}
	if format == "lamp" {
		return loadLampFile(d, files, train)
	}
	if d.Form == "windows" && format != "text" {
		return nil, fmt.Errorf("form windows is of format text, and %s is of format %s", train[0], format)
	}
	switch {
	case format == "text":
		prompt, answer = "", textColumn
	case format == "idx":
		prompt, answer = "", "label"
	case d.Columns["image"] != "":
		prompt = ""
	}
	s, err := shapeOf(d, prompt, answer)
	if err != nil {
		return nil, err
	}
	read := readerOf(format, files)
	if d.Form == "windows" {
		read = inText(readWindows)
	}
	set, err := readShards(files, train, read, s)
	if err != nil {
		return nil, err
	}
	if len(train) == 1 {
		set.Natural = nil
	}
	if d.Form == "classification" || format == "idx" { // what a picture shows is a class
		set.Label = s.answer
		if d.Columns["answer"] == "" && d.Label == "" {
			set.Label = "label"
		}
	}
	if d.Test == "" {
		return set, nil
	}
	test, err := match(files, "test", d.Test)
	if err != nil {
		return nil, err
	}
	for _, file := range test {
		if slices.Contains(train, file) {
			return nil, fmt.Errorf("test: %s is matched by file (%q) and by test (%q); a test file must not be trained on: narrow one of them", file, d.File, d.Test)
		}
	}
	held, err := readShards(files, test, read, s)
	if err != nil {
		return nil, err
	}
	set.Test = held.Train
	return set, nil
}

// match expands a pattern, in natural order; no match is an error.
func match(files Files, field, pattern string) ([]string, error) {
	list, err := files.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("%s: pattern %q: %w", field, pattern, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no file matches %q; relative paths begin where simrun was started", field, pattern)
	}
	list = slices.Clone(list)
	sortNatural(list)
	return slices.Compact(list), nil
}

// NoFormat is the error of a file whose name does not tell its format.
type NoFormat struct{ File string }

// Error gives the cure in the words of a scenario.
func (e *NoFormat) Error() string { return e.Say("write format: with") }

// Say gives the cure in other words: how a format is given.
func (e *NoFormat) Say(how string) string {
	return fmt.Sprintf("format: the name of %s does not tell it; %s one of %q", e.File, how, formats)
}

func formatOf(format, file string) (string, error) {
	if format == "" && strings.Contains(path.Base(file), idxMark) {
		format = "idx"
	}
	if format == "" {
		var ok bool
		if format, ok = extensions[strings.ToLower(path.Ext(file))]; !ok {
			return "", &NoFormat{file}
		}
	}
	if !slices.Contains(formats, format) {
		return "", fmt.Errorf("format: unknown %q; known: %q%s", format, formats, suggest.DidYouMean(format, formats))
	}
	return format, nil
}

// readerOf is the reader of a known format; all but IDX and Parquet are text.
func readerOf(format string, files Files) reader {
	switch format {
	case "idx":
		return readIDX(files)
	case "parquet":
		return readParquet
	}
	return inText(readers[format])
}

// inText is a reader that gets nothing but UTF-8, without a byte order mark.
func inText(read reader) reader {
	return func(file string, src []byte) ([]row, error) {
		src, err := textOf(file, src)
		if err != nil {
			return nil, err
		}
		return read(file, src)
	}
}

// readShards reads files into Train, one natural shard a file.
func readShards(files Files, list []string, read reader, s shape) (*Set, error) {
	set := &Set{}
	for _, file := range list {
		src, err := files.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("cannot read a data file: %w", err)
		}
		rows, err := read(file, src)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return nil, fmt.Errorf("%s: no rows in the file", file)
		}
		if s.form == chat {
			if rows, err = chatRows(rows); err != nil {
				return nil, err
			}
		}
		if set.Names == nil {
			set.Names = rows[0].names
		}
		if s, err = s.fit(file, rows[0].names); err != nil {
			return nil, err
		}
		if err := s.pictures(rows, files); err != nil {
			return nil, err
		}
		examples, err := s.examples(rows)
		if err != nil {
			return nil, err
		}
		shard := make([]int, len(examples))
		for i := range shard {
			shard[i] = len(set.Train) + i
		}
		set.Natural = append(set.Natural, shard)
		set.Train = append(set.Train, examples...)
	}
	return set, nil
}
