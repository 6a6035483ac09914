package scenario

import (
	"regexp"
	"strconv"
	"strings"
)

// plainForm is text that any YAML reader takes as text without quotes. Words that some
// reader takes for something else are quoted besides.
var plainForm = regexp.MustCompile(`^[A-Za-z_./][A-Za-z0-9_./*? -]*$`)

// bareForm is a quantity or a range, which are read without quotes.
var bareForm = regexp.MustCompile(`^[0-9][0-9.]*(e[-+]?[0-9]+)? [A-Za-z/]+$|^[0-9]+\.\.[0-9]+$`)

var notPlain = map[string]bool{
	"null": true, "true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true,
}

// quote writes text so that it is read as the same text.
func quote(s string) string {
	if plainForm.MatchString(s) && !notPlain[strings.ToLower(s)] && !strings.HasSuffix(s, " ") && !strings.HasPrefix(s, ".") {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f || r == 0x85 || r == 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
			const hex = "0123456789abcdef"
			b.WriteString(`\u` + string([]byte{hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15]}))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// textNode, wholeNode and realNode build canonical scalars.
func textNode(s string) *node   { return &node{text: s, quoted: true} }
func plainNode(s string) *node  { return &node{text: s} }
func wholeNode(v int64) *node   { return plainNode(strconv.FormatInt(v, 10)) }
func realNode(v float64) *node  { return plainNode(formatReal(v)) }
func listNode(ns []*node) *node { return &node{shape: listing, items: ns} }

// scalarText is a scalar as canonical YAML.
func (n *node) scalarText() string {
	if n.isNull() {
		return "null"
	}
	if !n.quoted {
		if _, ok := parseReal(n.text); ok || n.text == "true" || n.text == "false" || bareForm.MatchString(n.text) {
			return n.text
		}
	}
	return quote(n.text)
}

// inline is the tree on one line.
func (n *node) inline() string {
	var parts []string
	switch n.shape {
	case mapping:
		for _, p := range n.pairs {
			parts = append(parts, quoteKey(p.key)+": "+p.value.inline())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case listing:
		for _, i := range n.items {
			parts = append(parts, i.inline())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return n.scalarText()
}

// quoteKey leaves numbers and our own words bare: {16: 1, 8: 2}, on: test.
func quoteKey(s string) string {
	if _, ok := parseWhole(s); ok || isLeafName(s) && s != "null" && s != "true" && s != "false" {
		return s
	}
	return quote(s)
}

// block writes the tree as block YAML, indented by two spaces a level: maps and lists of
// maps over lines, everything without a map inside on one line.
func (n *node) block(b *strings.Builder, indent string) {
	switch n.shape {
	case mapping:
		for _, p := range n.pairs {
			b.WriteString(indent + quoteKey(p.key) + ":")
			p.value.after(b, indent+"  ")
		}
	case listing:
		for _, i := range n.items {
			if i.flat() {
				b.WriteString(indent + "- " + i.inline() + "\n")
				continue
			}
			var inner strings.Builder
			i.block(&inner, indent+"  ")
			b.WriteString(indent + "- " + strings.TrimPrefix(inner.String(), indent+"  "))
		}
	default:
		b.WriteString(indent + n.scalarText() + "\n")
	}
}

// after writes what follows "key:".
func (n *node) after(b *strings.Builder, indent string) {
	if n.flat() {
		b.WriteString(" " + n.inline() + "\n")
		return
	}
	b.WriteString("\n")
	n.block(b, indent)
}

// flat says that a tree is read best on one line: a list without maps, or a map that its
// kind marks as small.
func (n *node) flat() bool {
	switch n.shape {
	case mapping:
		return n.flow || len(n.pairs) == 0
	case listing:
		for _, i := range n.items {
			if i.shape != scalar {
				return false
			}
		}
	}
	return true
}
