package scenario

import (
	"strings"
	"testing"
)

// A builtin base is the recipe that one would write out: the same scenario, to the byte.
func TestBuiltinsAreRecipes(t *testing.T) {
	for _, b := range builtins {
		recipe := "{recipe: " + b.recipe("p") + "}"
		want := string(scenarioOf(t, good, "bases.main.hf=./x", "bases.main="+recipe).Resolved())
		for _, sets := range [][]string{{"bases.main.builtin=" + b.name}, {"bases.main={builtin: " + b.name + ", reads: p}"}} {
			if got := string(scenarioOf(t, good, sets...).Resolved()); got != want {
				t.Errorf("%v is\n%s\nand not\n%s", sets, got, want)
			}
		}
		two := strings.Replace(good, "data: {p:", "data: {'1': {generate: tasks}, p:", 1)
		if r := scenarioOf(t, two, "population.client.data=p", "bases.main={builtin: "+b.name+", reads: '1'}").Bases[0].Recipe; r == nil || r.Pretrain.Data != "1" {
			t.Errorf("%s reads %+v", b.name, r)
		}
	}
}
