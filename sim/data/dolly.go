package data

import (
	"path"
	"strings"

	"github.com/loramesh/loramesh/sim/scenario"
)

// Databricks' Dolly-15k as federated studies share it (FedIT, FLoRA): a JSON array of
// {instruction, context, response, category} for each client and one for the test.
const (
	dollyShards = "local_training_*.json"
	dollyTest   = "global_test.json"
	dollyPrompt = "Q: {instruction}\n{context}\nA:"
	dollyAnswer = "response"
)

// literal quotes what a pattern would read as more than itself: a folder may be called "a[1]".
var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// loadDolly reads `set: dolly, path: DIR`. The files are the natural shards, in the order of
// their numbers.
func loadDolly(d scenario.Data, files Files) (*Set, error) {
	s, err := shapeOf(d, dollyPrompt, dollyAnswer)
	if err != nil {
		return nil, err
	}
	train, err := match(files, "path", path.Join(literal.Replace(d.Path), dollyShards))
	if err != nil {
		return nil, err
	}
	set, err := readShards(files, train, inText(readJSONArray), s)
	if err != nil {
		return nil, err
	}
	test, err := readShards(files, []string{path.Join(d.Path, dollyTest)}, inText(readJSONArray), s)
	if err != nil {
		return nil, err
	}
	set.Test = test.Train
	return set, nil
}
