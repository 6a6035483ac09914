package main

import (
	"testing"

	"github.com/loramesh/loramesh/scenarios"
	"github.com/loramesh/loramesh/sim/scenario"
)

// Every embedded scenario that asks its user for nothing passes all that "simrun run" checks
// before it begins, what its methods say of its world included. (Its words alone are checked
// where it lives.)
func TestEmbeddedScenariosAreValid(t *testing.T) {
	if testing.Short() {
		t.Skip("pre-trains bases")
	}
	cache := t.TempDir()
	for _, e := range scenarios.List() {
		src, err := scenarios.Read(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		_, problems := scenario.Parse(e.Name, src)
		if len(problems) > 0 || e.Name == "federated/starter" {
			continue // it leaves files to its user; "simrun init" writes the starter's, and a script tries it
		}
		t.Run(e.Name, func(t *testing.T) {
			c, out := simrunIn(t, "", cache, "validate", e.Name)
			c.Stderr = out
			if err := c.Run(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
