package linalgtest

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// Number reads a JSON number, or the word for one that JSON lacks: "NaN", "Infinity",
// "-Infinity".
type Number float64

// UnmarshalJSON reads either.
func (n *Number) UnmarshalJSON(b []byte) error {
	switch strings.Trim(string(b), `"`) {
	case "NaN":
		*n = Number(math.NaN())
		return nil
	case "Infinity":
		*n = Number(math.Inf(1))
		return nil
	case "-Infinity":
		*n = Number(math.Inf(-1))
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

// Numbers gives them as float64.
func Numbers(ns []Number) []float64 {
	out := make([]float64, len(ns))
	for i, n := range ns {
		out[i] = float64(n)
	}
	return out
}

// Answer is what a library gave in a golden case: a value, a value with warnings, or an
// error.
type Answer struct {
	Failed bool
	Value  json.RawMessage
}

// UnmarshalJSON reads {"error": …}, {"value": …, "warnings": …} or the value itself.
func (a *Answer) UnmarshalJSON(b []byte) error {
	a.Value = append([]byte{}, b...)
	var o struct {
		Error string
		Value json.RawMessage
	}
	if json.Unmarshal(b, &o) != nil {
		return nil // no object: a value
	}
	if o.Value != nil {
		return a.UnmarshalJSON(o.Value)
	}
	a.Failed = o.Error != ""
	return nil
}

// Into reads the value, or ends the test.
func (a Answer) Into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.Value, v); err != nil {
		t.Fatalf("%s: %v", a.Value, err)
	}
}

// Near compares within 1e-9 of the value, or of 1 where that is larger; NaN is near NaN.
// It suits files of float64 results that state no tolerance.
func Near(t testing.TB, what string, got, want float64) {
	t.Helper()
	if got == want || math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= 1e-9*max(1, math.Abs(want)) {
		return
	}
	t.Errorf("%s: %v, want %v", what, got, want)
}

// Check compares a result with an answer: an error with an error, a value with a value.
func (a Answer) Check(t testing.TB, what string, got float64, err error) {
	t.Helper()
	if a.Failed != (err != nil) {
		t.Errorf("%s: error %v; the library fails: %v", what, err, a.Failed)
		return
	}
	if err == nil {
		var want Number
		a.Into(t, &want)
		Near(t, what, got, float64(want))
	}
}
