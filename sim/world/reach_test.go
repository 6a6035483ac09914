package world_test

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/simtest"
)

// there is the share of clients and quarters of an hour, over some days, at which they can
// be offered.
func there(t *testing.T, available string) (share float64, firsts []float64) {
	t.Helper()
	w := simtest.World(t, simtest.Trial(t, "population.client.count=16", "population.client.available="+available), nil)
	const quarters = 7 * 24 * 4
	for i := range 16 {
		first := -1.0
		for q := range quarters {
			if w.Available(client(i), method.Seconds(900*q)) {
				share += 1. / 16 / quarters
				if first < 0 {
					first = float64(q) / 4
				}
			}
		}
		firsts = append(firsts, first)
	}
	return share, firsts
}

func TestSharesOfTime(t *testing.T) {
	for available, want := range map[string]float64{"always": 1, "diurnal": 8. / 24, "{hours: 3}": 3. / 24, "{share: 0.25}": 0.25, "{share: 1}": 1} {
		if got, _ := there(t, available); math.Abs(got-want) > 0.02 {
			t.Errorf("%s: there for %.3f of all time, expected %.3f", available, got, want)
		}
	}
}

// Nights begin at hours of everyone's own, and joiners come over the time that they are given.
func TestEveryoneHasHoursOfHisOwn(t *testing.T) {
	for _, available := range []string{"diurnal", "{share: 1, joins: 1 d}"} {
		_, firsts := there(t, available)
		hours := map[int]bool{}
		for _, f := range firsts {
			if f < 0 || f > 24.25 {
				t.Errorf("%s: somebody is first there after %g hours", available, f)
			}
			hours[int(f)] = true
		}
		if len(hours) < 6 {
			t.Errorf("%s: sixteen clients are first there in %d different hours", available, len(hours))
		}
	}
}
