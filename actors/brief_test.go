package actors

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// A worker of another version, or of other numbers, takes no part, and says how both can be of one.
func TestBriefsOfOtherVersionsAreRefused(t *testing.T) {
	if _, err := readBrief(brief{Protocol: protocol, Contract: kernel.Contract()}.encode()); err != nil {
		t.Errorf("one of this version: %v", err)
	}
	for says, b := range map[string]brief{
		"version 99 of the protocol":           {Protocol: 99, Contract: kernel.Contract()},
		`numbers are of contract "float32/no"`: {Protocol: protocol, Contract: "float32/no"},
	} {
		if _, err := readBrief(b.encode()); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "use one version of simrun for both") {
			t.Errorf("%q was expected, found %v", says, err)
		}
	}
	if _, err := readBrief([]byte("{")); err == nil {
		t.Error("half a brief was read")
	}
}
