package scenario

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Numbers are resolved here and not by the YAML library, whose rules (YAML 1.1 in parts)
// read 1e-4 as text and 017 as fifteen. Ours: JSON's numbers, and a sign and digits may be
// grouped by underscores.
var (
	wholeForm = regexp.MustCompile(`^[-+]?(0|[1-9](_?[0-9])*)$`)
	realForm  = regexp.MustCompile(`^[-+]?(0|[1-9](_?[0-9])*)?(\.[0-9]+|\.)?([eE][-+]?[0-9]+)?$`)
	digitForm = regexp.MustCompile(`^[-+.]?[0-9]`)
)

// parseWhole is the whole number that a plain scalar names.
func parseWhole(text string) (int64, bool) {
	if !wholeForm.MatchString(text) {
		return 0, false
	}
	v, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	return v, err == nil
}

// parseReal is the finite number that a plain scalar names.
func parseReal(text string) (float64, bool) {
	if !realForm.MatchString(text) || !strings.ContainsAny(text, "0123456789") || strings.ContainsAny(text[:1], "eE") {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// parseFlag is the truth value that a plain scalar names; yes and on are words here.
func parseFlag(text string) (v, ok bool) {
	return text == "true", text == "true" || text == "false"
}

// formatReal prints the shortest text that parses to the same number and shows that it
// is not a whole one: 1.0, 0.001, 1e-05.
func formatReal(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// found describes a node for "found …" in a message.
func (n *node) found() string {
	switch {
	case n.shape != scalar && len(n.items)+len(n.pairs) == 0:
		return "an empty" + strings.TrimPrefix(n.shape.String(), "a")
	case n.shape != scalar:
		return n.shape.String()
	case n.isNull():
		return "nothing"
	case n.quoted:
		return "the text " + strconv.Quote(shorten(n.text))
	}
	if _, ok := parseReal(n.text); ok {
		return "the number " + n.text
	}
	return strconv.Quote(shorten(n.text))
}

// shorten keeps a message on its line.
func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}
