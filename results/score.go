package results

import "github.com/loramesh/loramesh/sim/metric"

// Score is a metric that was scored at the end: it heads a column.
type Score struct {
	Name    string // "test.loss": the set, then the metric
	Higher  bool   // more is better
	Unit    string
	Formula string
}

// newScore looks the metric up in the catalogue. One that is not there, as in a folder
// that a later version wrote, is shown without a unit, and lower counts as better.
func newScore(name, metricName string) Score {
	s := Score{Name: name}
	if m, err := metric.Lookup(metricName); err == nil {
		s.Higher, s.Unit, s.Formula = m.Direction == metric.Higher, m.Unit, m.Formula
	}
	if s.Unit == "1" {
		s.Unit = ""
	}
	return s
}

// Base is the name under which the same was measured before the first round.
func (s Score) Base() string { return baseKeyPrefix + s.Name }

// Delta is the name of the difference between the two: end minus start.
func (s Score) Delta() string { return s.Name + ".gain" }
