package report

import (
	"slices"
	"testing"
)

// Names stand beside their marks where nothing is in the way, and else are left to the legend.
func TestNamesDoNotMeet(t *testing.T) {
	mark := func(label string, x, y float64) curve { return curve{Label: label, Points: []point{{X: x, Y: y}}} }
	curves := []curve{
		mark("alone", 1, 9), mark("first", 1, 5), mark("behind the first", 1.05, 5), // a name is to its right, and the axis to its left
		mark("at the edge of the plot", 9.9, 1), {Label: "never measured"},
	}
	if got, want := placed(curves, point{}, point{X: 10, Y: 10}), []int{1, 1, 0, -1, 0}; !slices.Equal(got, want) {
		t.Errorf("names stand at %v, expected %v", got, want)
	}
}
