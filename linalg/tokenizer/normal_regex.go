package tokenizer

import (
	"fmt"
	"regexp"
	"strings"
)

// replaceMatches is Replace with a pattern instead of a string.
type replaceMatches struct {
	from *regexp.Regexp
	to   string
}

// newReplaceMatches takes literal characters with quantifiers, such as ` {2,}`: there the
// library's engine and Go's mean the same. Classes and groups they read differently (\s is
// ASCII in Go), so a pattern that has them is refused.
func newReplaceMatches(from, to string) (replaceMatches, error) {
	const supported = "supported: characters with quantifiers, such as \" {2,}\""
	if strings.ContainsAny(from, `\.[]()|^$`) || strings.Contains(from, "{,") {
		return replaceMatches{}, fmt.Errorf("the Regex %q is not supported; %s", from, supported)
	}
	re, err := regexp.Compile(from)
	if err != nil {
		return replaceMatches{}, fmt.Errorf("the Regex %q: %w; %s", from, err, supported)
	}
	if re.MatchString("") {
		return replaceMatches{}, fmt.Errorf("the Regex %q matches nothing at every place; it must want a character", from)
	}
	return replaceMatches{from: re, to: to}, nil
}

func (p replaceMatches) normalise(s stretch) stretch {
	found := p.from.FindAllStringIndex(s.text, -1)
	if found == nil {
		return s
	}
	w := rewrite(s)
	for _, at := range found {
		w.keep(at[0] - w.pos)
		w.replace(at[1]-at[0], p.to)
	}
	w.keep(len(s.text) - w.pos)
	return w.done()
}
