package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/sim/scenario"
)

// CLINC150 as its authors share it (Larson et al. 2019): queries of 150 intents in ten domains.
const (
	clincRows    = "data_full.json" // {"train": [[text, intent], …], "test": …, …}
	clincDomains = "domains.json"   // {domain: [intent, …], …}
	clincPrompt  = "{text}\nintent: "
	clincAnswer  = "intent"
)

// loadClinc reads `set: clinc150, path: DIR`. Columns are text, intent and domain; the class is
// the intent. Rows come domain by domain and intent by intent, as domains.json lists them, so
// tasks are in that order too. Queries that are out of scope (oos_train, oos_test, oos_val) and
// the validation queries (val) are not read: what is validated on is `valid` of the training rows.
func loadClinc(d scenario.Data, files Files) (*Set, error) {
	s, err := shapeOf(d, clincPrompt, clincAnswer)
	if err != nil {
		return nil, err
	}
	intents, err := clincIntents(d, files)
	if err != nil {
		return nil, err
	}
	file, src, err := readIn(d, files, clincRows)
	if err != nil {
		return nil, err
	}
	var halves map[string][][]string
	if err := json.Unmarshal(src, &halves); err != nil {
		return nil, jsonError(file, src, err, `{"train": [["text", "intent"], …], "test": […]}`)
	}
	set := &Set{Names: []string{"text", "intent", "domain"}, Label: clincAnswer}
	if set.Train, err = clincHalf(s, file, "train", halves["train"], intents); err != nil {
		return nil, err
	}
	set.Test, err = clincHalf(s, file, "test", halves["test"], intents)
	return set, err
}

// clincIntent is an intent's domain and its place among all.
type clincIntent struct {
	domain string
	place  int
}

func clincIntents(d scenario.Data, files Files) (map[string]clincIntent, error) {
	file, src, err := readIn(d, files, clincDomains)
	if err != nil {
		return nil, err
	}
	domains, err := readJSONLists(file, src)
	if err != nil {
		return nil, err
	}
	out := map[string]clincIntent{}
	for _, domain := range domains {
		for _, intent := range domain.items {
			if other, twice := out[intent]; twice {
				return nil, fmt.Errorf("%s: intent %q is in the domains %q and %q; one was expected", file, intent, other.domain, domain.name)
			}
			out[intent] = clincIntent{domain.name, len(out)}
		}
	}
	return out, nil
}

func clincHalf(s shape, file, half string, pairs [][]string, intents map[string]clincIntent) ([]Example, error) {
	rows := make([]row, len(pairs))
	for i, p := range pairs {
		if len(p) != 2 {
			return nil, fmt.Errorf("%s: %s, row %d: [text, intent] was expected, found %d values", file, half, i, len(p))
		}
		intent, known := intents[p[1]]
		if !known {
			return nil, fmt.Errorf("%s: %s, row %d: intent %q is in no domain of %s", file, half, i, p[1], clincDomains)
		}
		rows[i] = row{file: file + ": " + half, line: i, names: []string{"text", "intent", "domain"},
			values: map[string]string{"text": p[0], "intent": p[1], "domain": intent.domain}}
	}
	place := func(r row) int { return intents[r.values[clincAnswer]].place }
	slices.SortStableFunc(rows, func(a, b row) int { return place(a) - place(b) })
	return s.examples(rows)
}

// jsonError puts the line into what is wrong with a whole JSON file.
func jsonError(file string, src []byte, err error, want string) error {
	at := int64(len(src))
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	}
	r := row{file: file, line: lineAt(src, at)}
	return r.errorf("expected %s: %v", want, whole(err))
}
