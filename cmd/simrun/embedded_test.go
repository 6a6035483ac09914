package main

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/scenarios"
	"github.com/loramesh/loramesh/sim/scenario"
)

// Every embedded scenario that asks its user for nothing passes all that "simrun run" checks
// before it begins, what its methods say of its world included. (Its words alone are checked
// where it lives.) Bases are pre-trained on little: how well they read decides nothing here.
func TestEmbeddedScenariosAreValid(t *testing.T) {
	if testing.Short() {
		t.Skip("pre-trains bases")
	}
	t.Parallel()
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
			args := []string{"validate", e.Name}
			if strings.Contains(string(src), "    recipe:") {
				args = append(args, "--set", "bases.main.recipe.pretrain.tokens=2000")
			}
			c, out := simrunIn(t, "", cache, args...)
			c.Stderr = out
			if err := c.Run(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
