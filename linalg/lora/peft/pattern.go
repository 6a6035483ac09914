package peft

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
)

// Pattern is an entry of rank_pattern or alpha_pattern; they are tried in file order and
// the first match wins, so they must not go through a map.
type Pattern struct {
	Key   string
	Value float64
	match *regexp.Regexp
}

// patternsOf reads an object in file order.
func patternsOf(name string, raw json.RawMessage) (list []Pattern, err error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%s is %s, expected an object of pattern: number", name, short(raw))
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		p := Pattern{Key: t.(string)} // keys of a JSON object are strings
		if err := d.Decode(&p.Value); err != nil {
			return nil, fmt.Errorf("%s of %q: %w", name, p.Key, err)
		}
		if name == "rank_pattern" && (p.Value < 1 || p.Value != math.Trunc(p.Value)) {
			return nil, fmt.Errorf("%s of %q is %v, expected a whole number of at least 1", name, p.Key, p.Value)
		}
		// PEFT: re.match(rf"(.*\.)?({key})$", name).
		if p.match, err = regexp.Compile(`^(?:(.*\.)?(` + p.Key + `)$)`); err != nil {
			return nil, fmt.Errorf("%s has the key %q, which is no regular expression that we can read (look-around is not supported): %w", name, p.Key, err)
		}
		list = append(list, p)
	}
	return list, nil
}

// exactly is the pattern of one module and no other, whatever its path has in it.
func exactly(path string, value float64) Pattern {
	key := "^" + regexp.QuoteMeta(path)
	return Pattern{key, value, regexp.MustCompile(`^(?:(.*\.)?(` + key + `)$)`)}
}

// first is the value of the first pattern that matches.
func first(list []Pattern, path string) (float64, bool) {
	for _, p := range list {
		if p.match.MatchString(path) {
			return p.Value, true
		}
	}
	return 0, false
}
