package results

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// ReadPlan reads what a run set out to do, whether it is whole or not.
func ReadPlan(dir string) (Plan, error) {
	p, err := readPlan(dir)
	if err != nil {
		return p, runError(dir, err)
	}
	return p, nil
}

// trialMark begins each trial's part of resolved.yaml.
const trialMark = "--- # trial "

// ResolvedText is every trial with every default written out, as documents of one YAML
// stream. The SHA-256 of each document's text is the trial's hash.
func ResolvedText(p Plan, texts [][]byte) []byte {
	var b bytes.Buffer
	for i, t := range p.Trials {
		fmt.Fprintf(&b, "%s%s: %s\n", trialMark, t.ID, t.Name)
		b.Write(texts[i])
	}
	return b.Bytes()
}

// ReadResolved is the way back: the text of each trial of a run, in plan order.
func ReadResolved(dir string) (texts [][]byte, err error) {
	b, err := os.ReadFile(filepath.Join(dir, resolvedFile))
	if err != nil {
		return nil, err
	}
	return textsOf(b), nil
}

// IsResolved says whether a path names the file of a run folder that has its trials.
func IsResolved(path string) bool { return filepath.Base(path) == resolvedFile }

// textsOf takes a resolved text apart.
func textsOf(resolved []byte) (texts [][]byte) {
	for _, part := range bytes.Split(append([]byte{'\n'}, resolved...), []byte("\n"+trialMark))[1:] {
		_, text, _ := bytes.Cut(part, []byte{'\n'})
		texts = append(texts, append(bytes.TrimSuffix(text, []byte{'\n'}), '\n'))
	}
	return texts
}
