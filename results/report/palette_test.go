package report

import (
	"fmt"
	"testing"
)

// No two of as many curves as a plot may have look alike.
func TestCurvesCanBeToldApart(t *testing.T) {
	seen := map[string]int{}
	for i := range hues * len(dashes) {
		look := fmt.Sprint(hue(i), dashOf(i))
		if j, twice := seen[look]; twice {
			t.Fatalf("curves %d and %d look alike: %s", j, i, look)
		}
		seen[look] = i
	}
}
