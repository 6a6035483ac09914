package scenario

import "strings"

// Resolved is the scenario as canonical YAML: every choice and every default written out,
// words in the order of the reference, quantities in their shortest exact unit. Parsing it
// gives the same scenario, and equal scenarios give equal bytes, so its hash names the
// scenario by content.
func (s *Scenario) Resolved() []byte {
	var b strings.Builder
	top.write(s).block(&b, "")
	return []byte(b.String())
}
