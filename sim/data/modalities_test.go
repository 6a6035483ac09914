package data_test

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

func modalities(t *testing.T, with map[string]any) *data.Set {
	t.Helper()
	set, err := data.Load(scenario.Data{Name: "x", Generate: "modalities", With: with, Tasks: scenario.Tasks{By: "task"}}, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Training is in the first modality, tests in the one that is asked, and the two have no word
// in common.
func TestModalitiesAreApart(t *testing.T) {
	set := modalities(t, nil)
	first, second := map[string]bool{}, map[string]bool{}
	for _, e := range set.Train {
		for _, w := range strings.Fields(e.Columns["prompt"]) {
			first[w] = true
		}
	}
	for _, e := range set.Test {
		for _, w := range strings.Fields(e.Columns["prompt"]) {
			second[w] = true
			if w != ":" && first[w] {
				t.Errorf("%q is in both", w)
			}
		}
		if e.Columns["modality"] != "second" {
			t.Errorf("a test example of modality %q", e.Columns["modality"])
		}
	}
	if len(set.Tasks) != 4 || set.Stream() != "domain" || len(set.Test) != 160 {
		t.Errorf("%d tasks, %q, %d tests", len(set.Tasks), set.Stream(), len(set.Test))
	}
	for _, c := range []struct {
		shared float64
		mixed  bool
	}{{0, false}, {1, true}} {
		both := 0
		for _, text := range modalities(t, map[string]any{"shared": c.shared}).Generic {
			one, two := false, false
			for _, w := range strings.Fields(text) {
				one, two = one || first[w] && w != ":", two || second[w] && w != ":"
			}
			if one && two {
				both++
			}
		}
		if (both > 0) != c.mixed {
			t.Errorf("shared %g: %d texts have words of both", c.shared, both)
		}
	}
	known := map[string]bool{}
	for _, w := range set.Words {
		if known[w] {
			t.Errorf("%q is twice in the vocabulary", w)
		}
		known[w] = true
	}
	for _, text := range set.Generic {
		for _, w := range strings.Fields(text) {
			if !known[w] {
				t.Errorf("%q is not in the vocabulary", w)
			}
		}
	}
	if _, err := data.Load(scenario.Data{Name: "x", Generate: "modalities", With: map[string]any{"classes": 8, "themes": 4}}, nil, 1); err == nil || !strings.Contains(err.Error(), "4 themes cannot speak for 8 classes") {
		t.Errorf("got %v", err)
	}
}
