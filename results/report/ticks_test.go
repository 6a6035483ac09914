package report

import (
	"slices"
	"testing"
)

func TestTicksCanBeToldApart(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		whole     bool
		want      []string
	}{
		{1.76, 1.84, false, []string{"1.76", "1.78", "1.80", "1.82", "1.84"}},
		{0, 3, true, []string{"0", "1", "2", "3"}},
		{0, 1, true, []string{"0", "1"}},
		{1, 40, true, []string{"10", "20", "30", "40"}},
		{0, 474, false, []string{"0", "100", "200", "300", "400"}},
		{0, 1.2, false, []string{"0.00", "0.25", "0.50", "0.75", "1.00"}},
		{0, 1e-8, false, []string{"0.000000000", "0.000000002", "0.000000004", "0.000000006", "0.000000008", "0.000000010"}},
		{-1, 1, false, []string{"-1.0", "-0.5", "0.0", "0.5", "1.0"}},
	} {
		var got []string
		for _, tick := range (roundTicks{whole: c.whole}).Ticks(c.low, c.high) {
			got = append(got, tick.Label)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %v, want %v", c.low, c.high, got, c.want)
		}
	}
}
