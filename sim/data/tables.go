package data

import (
	"fmt"
	"path"
	"strings"

	"github.com/loramesh/loramesh/sim/scenario"
)

// table is a known set that is plain files: what they are called and what their columns mean.
type table struct {
	train, test    string // files; no test: a share of the training rows, by the hash of the row
	read           reader
	prompt, answer string
	label          string // the column of the class; "": the answer is none
}

// tableHeld is the share of rows that are the test where a set comes without one.
const tableHeld = 0.2

var tables = map[string]table{
	// Cobbe et al. 2021: the answer ends in "#### " and a number.
	"gsm8k": {"train.jsonl", "test.jsonl", readJSONL, "{question}\n", "answer", ""},
	// Kohavi 1996, with a header and ", " between the fields.
	"adult": {"adult.data", "adult.test", readSpacedCSV, "age {age}, {workclass}, {education}, {marital-status}, {occupation}, {relationship}, {hours-per-week} hours a week, {native-country}\nincome: ", "classification", "classification"},
	// Röttger et al. 2021. Its authors mean it for evaluation; here a fifth of it is the test.
	"hatecheck": {"test_suite_cases.csv", "", readHateCheck, "{test_case}\nlabel: ", "label_gold", "label_gold"},
	// Merity et al. 2016, the two parts that are small: windows of text, without a prompt.
	"wikitext2": {"valid.txt", "test.txt", readWindows, "", textColumn, ""},
	"mnist":     {"train" + idxMark + ".gz", "test3000" + idxMark + ".gz", nil, "", "label", "label"},
}

// loadTable reads one of them.
func loadTable(d scenario.Data, files Files) (*Set, error) {
	t := tables[d.Set]
	s, err := shapeOf(d, t.prompt, t.answer)
	if err != nil {
		return nil, err
	}
	read := readIDX(files)
	if t.read != nil {
		read = inText(t.read)
	}
	set, err := readShards(files, []string{path.Join(d.Path, t.train)}, read, s)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	set.Natural, set.Label = nil, t.label
	if t.test == "" {
		all := set.Train
		set.Train = nil
		for _, e := range all {
			if Fraction(e.Hash) < tableHeld {
				set.Test = append(set.Test, e)
			} else {
				set.Train = append(set.Train, e)
			}
		}
		return set, nil
	}
	test, err := readShards(files, []string{path.Join(d.Path, t.test)}, read, s)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	set.Test = test.Train
	return set, nil
}

// readSpacedCSV is readCSV of a file with white space around its fields.
func readSpacedCSV(file string, src []byte) ([]row, error) {
	rows, err := readCSV(file, src)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	names := make([]string, len(rows[0].names))
	for i, name := range rows[0].names {
		names[i] = strings.TrimSpace(name)
	}
	for k, r := range rows {
		values := make(map[string]string, len(names))
		for i, name := range r.names {
			values[names[i]] = strings.TrimSpace(r.values[name])
		}
		rows[k].names, rows[k].values = names, values
	}
	return rows, nil
}

// readHateCheck is readCSV of a file whose first column, a number, has no name.
func readHateCheck(file string, src []byte) ([]row, error) {
	if len(src) > 0 && src[0] == ',' {
		src = append([]byte("row"), src...)
	}
	return readCSV(file, src)
}
