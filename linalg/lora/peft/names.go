package peft

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Names choose modules: a list of paths and of ends of paths, or one regular expression for
// the whole path. The zero value chooses none.
type Names struct {
	List []string
	// Text is the expression, or "all-linear", which PEFT writes out as a list when it
	// saves; in a file it means any module.
	Text  string
	match *regexp.Regexp // nil where it uses what Go's have not, as look-around
}

const allLinear = "all-linear"

func namesOf(key string, raw json.RawMessage) (n Names, err error) {
	if json.Unmarshal(raw, &n.List) == nil {
		return n, nil
	}
	if err := json.Unmarshal(raw, &n.Text); err != nil {
		return n, fmt.Errorf("%s is %s, expected a list of names or a regular expression", key, short(raw))
	}
	n.match, _ = regexp.Compile(`^(?:` + n.Text + `)$`) // re.fullmatch; nil: see Unreadable
	return n, nil
}

// Unreadable says that the expression is one that we cannot try: what it chooses is then
// known from the tensors alone.
func (n Names) Unreadable() bool { return n.Text != "" && n.Text != allLinear && n.match == nil }

// Empty says that nothing is chosen.
func (n Names) Empty() bool { return n.Text == "" && len(n.List) == 0 }

func (n Names) matches(path string) bool {
	if n.Text == allLinear {
		return true
	}
	if n.Text != "" {
		return n.match != nil && n.match.MatchString(path)
	}
	return slices.ContainsFunc(n.List, func(s string) bool { return path == s || strings.HasSuffix(path, "."+s) })
}

// Chooses says whether the config puts an adapter on the module of that path, by PEFT's
// rules: exclude_modules and modules_to_save come first, a whole path is chosen whatever its
// layer, and only ends of paths are narrowed by layers_to_transform.
func (c Config) Chooses(path string) bool {
	switch {
	case c.Excluded.matches(path) || c.saves(path+".weight"):
		return false
	case c.Targets.Text != "" || slices.Contains(c.Targets.List, path):
		return c.Targets.matches(path)
	case !c.Targets.matches(path):
		return false
	case len(c.Layers) == 0:
		return true
	}
	n, ok := c.layerOf(path)
	return ok && slices.Contains(c.Layers, n)
}

var anyLayer = regexp.MustCompile(`^.*\.[^.]*\.(\d+)\.`)

// layerOf is the number of the layer that the path lies in, by layers_pattern.
func (c Config) layerOf(path string) (int, bool) {
	tries := []*regexp.Regexp{anyLayer}
	if len(c.LayersIn) > 0 {
		tries = nil
	}
	for _, p := range c.LayersIn {
		if re, err := regexp.Compile(`^.*\.` + p + `\.(\d+)\.`); err == nil {
			tries = append(tries, re)
		}
	}
	for _, re := range tries {
		if m := re.FindStringSubmatch(path); m != nil {
			n, err := strconv.Atoi(m[1])
			return n, err == nil
		}
	}
	return 0, false
}
