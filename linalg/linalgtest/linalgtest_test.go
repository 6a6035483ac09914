package linalgtest

import (
	"errors"
	"fmt"
	"testing"
)

// judge stands in for a test and notes what becomes of it.
type judge struct {
	testing.TB
	failed, skipped bool
}

func (j *judge) Helper()               {}
func (j *judge) Errorf(string, ...any) { j.failed = true }
func (j *judge) Fatalf(string, ...any) { j.failed = true }
func (j *judge) Skipf(string, ...any)  { j.skipped = true }

func TestSettle(t *testing.T) {
	var listed string
	for name := range Unbuilt {
		listed = name
	}
	if listed == "" {
		t.Skip("nothing is unbuilt")
	}
	for _, c := range []struct {
		name          string
		err           error
		failed, skips bool
	}{
		{listed, errors.New("refused"), false, true},
		{listed, nil, true, false},
		{"models/none-such", errors.New("refused"), true, false},
		{"models/none-such", nil, false, false},
	} {
		j := &judge{}
		if Settle(j, c.name, c.err); fmt.Sprint(j.failed, j.skipped) != fmt.Sprint(c.failed, c.skips) {
			t.Errorf("Settle(%q, %v): failed %v, skipped %v; want %v, %v", c.name, c.err, j.failed, j.skipped, c.failed, c.skips)
		}
	}
}
