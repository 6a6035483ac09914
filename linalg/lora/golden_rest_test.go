package lora

import (
	"errors"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
)

// builtCases are those that the other tests of this package run.
var builtCases = []string{"fed/flora", "fed/fedit", "fed/zeropad", "fed/bytes", "fed/aggregation_error"}

// Every other case skips by its name, or its folder's, on the one list of what is not
// built yet; a case that is on no list fails.
func TestGoldenLoRARest(t *testing.T) {
	rest := func(name string) bool {
		return !strings.HasPrefix(name, "svd/") && !strings.HasPrefix(name, "peft/") && !slices.Contains(builtCases, name)
	}
	goldenCases(t, "lora", rest, func(t *testing.T, g *golden) {
		key := "lora/" + g.name
		if _, listed := linalgtest.Unbuilt[key]; !listed {
			key = "lora/" + path.Dir(g.name)
		}
		linalgtest.Settle(t, key, errors.New("no test runs this case"))
	})
}
