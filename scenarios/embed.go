// Package scenarios holds the scenarios that come with simrun, one YAML file for each
// question, in folders by subject. README.md has a line each. The package knows their
// names and texts and no more; sim/scenario reads them.
package scenarios

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/loramesh/loramesh/sim/suggest"
)

//go:embed *.yaml */*.yaml
var files embed.FS

// Entry is an embedded scenario.
type Entry struct {
	Name     string // "federated/dolly"
	Question string // one sentence
}

// List is all of them, in order of their names.
func List() []Entry {
	var out []Entry
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		out = append(out, Entry{strings.TrimSuffix(path, ".yaml"), question(string(text))})
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("scenarios: the embedded files cannot be listed: %v", err))
	}
	return out
}

// question is the line of that word; each file has it on one line, which a test checks.
func question(text string) string {
	for line := range strings.Lines(text) {
		if q, ok := strings.CutPrefix(line, "question: "); ok {
			return strings.TrimSpace(q)
		}
	}
	return ""
}

// Read is the text of a scenario, by its name with or without ".yaml".
func Read(name string) ([]byte, error) {
	name = strings.TrimSuffix(name, ".yaml")
	text, err := files.ReadFile(name + ".yaml")
	if err == nil {
		return text, nil
	}
	var names []string
	for _, e := range List() {
		names = append(names, e.Name)
	}
	tail := suggest.DidYouMean(name, names)
	if tail == "" {
		tail = "; there are " + strings.Join(names, ", ")
	}
	return nil, fmt.Errorf("no embedded scenario is called %q%s", name, tail)
}
