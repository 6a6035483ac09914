package builtin

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

func TestEveryNameOpensAndIsUnique(t *testing.T) {
	names := Names()
	if len(names) == 0 || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Fatalf("names: %q", names)
	}
	for _, name := range names {
		m, err := Open(name)
		if err != nil || m.Describe().Name != name {
			t.Errorf("%s opens as %v, %v", name, m, err)
			continue
		}
		if err := method.ValidateCard(m.Describe()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		set, err := SetOf(name)
		if err != nil {
			t.Error(err)
		}
		s, err := OpenSet(set)
		if err != nil || !slices.ContainsFunc(s.Methods, func(m method.Method) bool { return m.Describe().Name == name }) {
			t.Errorf("%s is said to be in set %q: %v", name, set, err)
		}
	}
	if !slices.IsSortedFunc(Sets(), func(a, b Set) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("sets are not in order")
	}
}

func TestWrongNamesAreCorrected(t *testing.T) {
	for name, want := range map[string]string{
		"flroa": `did you mean "flora"?`, "FLoRA": `did you mean "flora"?`, "zero-pad": `did you mean "zeropad"?`,
		"fedit_restart": `did you mean "fedit-restart"?`, "gpt": "built in: ", "": "built in: ",
	} {
		_, err := Open(name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %s", name, err, want)
		}
		if name == "gpt" && strings.Contains(err.Error(), "mean") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := OpenSet("flor"); err == nil || !strings.Contains(err.Error(), `"flora"`) {
		t.Errorf("got %v", err)
	}
}
