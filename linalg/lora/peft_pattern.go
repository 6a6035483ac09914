package lora

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
)

// pattern is an entry of rank_pattern or alpha_pattern; they are tried in file order and
// the first match wins, so they must not go through a map.
type pattern struct {
	key   string
	match *regexp.Regexp
	value float64
}

// patternsOf reads an object in file order.
func patternsOf(name string, raw json.RawMessage) (list []pattern, err error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%s is %s, expected an object of pattern: number", name, raw)
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		p := pattern{key: t.(string)} // keys of a JSON object are strings
		if err := d.Decode(&p.value); err != nil {
			return nil, fmt.Errorf("%s of %q: %w", name, p.key, err)
		}
		if name == "rank_pattern" && (p.value < 1 || p.value != math.Trunc(p.value)) {
			return nil, fmt.Errorf("%s of %q is %v, expected a whole number of at least 1", name, p.key, p.value)
		}
		// PEFT: re.match(rf"(.*\.)?({key})$", name).
		if p.match, err = regexp.Compile(`^(?:(.*\.)?(` + p.key + `)$)`); err != nil {
			return nil, fmt.Errorf("%s has the key %q, which is no regular expression that we can read (look-around is not supported): %w", name, p.key, err)
		}
		list = append(list, p)
	}
	return list, nil
}

// resolve is the rank and the scale of one module. A match in one pattern says nothing
// about the other.
func (c peftConfig) resolve(path string) (rank int, scale float64) {
	rank, alpha := c.rank, c.alpha
	if v, ok := first(c.ranks, path); ok {
		rank = int(v)
	}
	if v, ok := first(c.alphas, path); ok {
		alpha = v
	}
	if c.root {
		return rank, alpha / math.Sqrt(float64(rank))
	}
	return rank, alpha / float64(rank)
}

func first(list []pattern, path string) (float64, bool) {
	for _, p := range list {
		if p.match.MatchString(path) {
			return p.value, true
		}
	}
	return 0, false
}
