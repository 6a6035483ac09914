package data

import "strings"

// textColumn is the only column of format text.
const textColumn = "text"

// readText makes a row of each line that is not empty.
func readText(file string, src []byte) ([]row, error) {
	var rows []row
	for i, line := range strings.Split(string(src), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			rows = append(rows, row{file: file, line: i + 1, names: []string{textColumn}, values: map[string]string{textColumn: line}})
		}
	}
	return rows, nil
}
