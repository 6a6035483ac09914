package suggest_test

import (
	"testing"

	"github.com/loramesh/loramesh/sim/suggest"
)

func TestWord(t *testing.T) {
	known := []string{"rank", "rounds", "regime", "dirichlet", "local_steps", "iid", "at", "on"}
	for word, want := range map[string]string{
		"rnak":        "rank",      // one swap
		"round":       "rounds",    // one letter missing
		"Dirichlett":  "dirichlet", // case is free
		"local-steps": "local_steps",
		"local steps": "local_steps",
		"dirchelt":    "dirichlet", // two edits in eight letters
		"rank":        "rank",
		"ii":          "iid",
		"steps":       "local_steps", // a whole part of it
		"step":        "",
		"banana":      "", // nothing near
		"":            "",
		"zz":          "", // two edits away from every two-letter word
		"регим":       "",
	} {
		if got := suggest.Word(word, known); got != want {
			t.Errorf("Word(%q) = %q, want %q", word, got, want)
		}
	}
	if got := suggest.Word("bar", []string{"bat", "baz"}); got != "bat" {
		t.Errorf("of equals the first: got %q", got)
	}
	if got := suggest.Word("x", nil); got != "" {
		t.Errorf("no words known: got %q", got)
	}
}

func TestDidYouMean(t *testing.T) {
	if got := suggest.DidYouMean("rnk", []string{"rank"}); got != `; did you mean "rank"?` {
		t.Errorf("got %q", got)
	}
	if got := suggest.DidYouMean("banana", []string{"rank"}); got != "" {
		t.Errorf("got %q", got)
	}
}
