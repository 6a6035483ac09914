package ledger

import (
	"encoding/json"
	"fmt"
	"math"
)

// Number is a float64 that survives JSON: the values that JSON has no word for are
// written as strings, so that a training run that diverged can still be read.
type Number float64

// MarshalJSON writes the shortest decimal that reads back to the same bits.
func (n Number) MarshalJSON() ([]byte, error) {
	if word, ok := n.word(); ok {
		return []byte(word), nil
	}
	return json.Marshal(float64(n))
}

// word is how a number is written that JSON has no number for.
func (n Number) word() (string, bool) {
	switch f := float64(n); {
	case math.IsNaN(f):
		return `"NaN"`, true
	case math.IsInf(f, 1):
		return `"Infinity"`, true
	case math.IsInf(f, -1):
		return `"-Infinity"`, true
	}
	return "", false
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *Number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"NaN"`:
		*n = Number(math.NaN())
	case `"Infinity"`:
		*n = Number(math.Inf(1))
	case `"-Infinity"`:
		*n = Number(math.Inf(-1))
	default:
		var f float64
		if err := json.Unmarshal(b, &f); err != nil {
			return fmt.Errorf("a number was expected, %s was found", b)
		}
		*n = Number(f)
	}
	return nil
}
