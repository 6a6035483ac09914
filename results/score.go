package results

import (
	"strings"

	"github.com/loramesh/loramesh/sim/metric"
)

// Score is a metric that was scored at the end: it heads a column.
type Score struct {
	Name    string // "test.loss": the set, then the metric
	Metric  string // "loss"
	Higher  bool   // more is better
	Unit    string
	Formula string
}

// newScore looks the metric up in the catalogue. One that is not there, as in a folder
// that a later version wrote, is shown without a unit, and lower counts as better.
func newScore(name, metricName string) Score {
	s := Score{Name: name, Metric: metricName}
	if m, err := metric.Lookup(metricName); err == nil {
		s.Higher, s.Unit, s.Formula = m.Direction == metric.Higher, m.Unit, m.Formula
	}
	if s.Unit == "1" {
		s.Unit = ""
	}
	return s
}

// Margin is the difference in this score that counts as none unless the user says
// otherwise: 0.01 nat, 1 point of a share, 1 of a hundred.
func (s Score) Margin() float64 {
	if strings.HasPrefix(s.Unit, "0 … 100") {
		return 1
	}
	return 0.01
}

// Base is the name under which the same was measured before the first round.
func (s Score) Base() string { return baseKeyPrefix + s.Name }

// Delta is the name of the difference between the two: end minus start.
func (s Score) Delta() string { return s.Name + ".gain" }
