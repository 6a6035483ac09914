package report

import (
	"slices"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/metric"
)

// breakdown is one score at the end, by group: an arm a row, a group a column.
type breakdown struct {
	Score  string
	Groups []string
	Rows   []breakdownRow
}

type breakdownRow struct {
	Arm    string
	Cells  []string
	Shares []string // worst tenth, Jain, Gini
}

// mostGroups is how many columns a reader is asked to look through. Where examples are groups
// there are more, and only how evenly they are served is told.
const mostGroups = 24

// breakdowns makes a table for each score that was evaluated by groups. Groups stand in
// the order of their names; cells are means over seeds with their spread.
func breakdowns(s results.Summary) []breakdown {
	var out []breakdown
	for _, score := range s.Scores {
		if score.Metric == metric.RouteConfusion {
			continue // a table of its own
		}
		b := breakdown{Score: score.Name}
		for _, a := range s.Arms {
			for _, t := range a.Trials {
				for group := range atEnd(t, score) {
					if !slices.Contains(b.Groups, group) {
						b.Groups = append(b.Groups, group)
					}
				}
			}
		}
		if len(b.Groups) == 0 {
			continue
		}
		slices.Sort(b.Groups)
		if len(b.Groups) > mostGroups {
			b.Groups = nil
		}
		for _, a := range s.Arms {
			b.Rows = append(b.Rows, rowOf(a, score, b.Groups))
		}
		out = append(out, b)
	}
	return out
}

func rowOf(a results.Arm, score results.Score, groups []string) breakdownRow {
	row := breakdownRow{Arm: a.Name}
	for _, group := range groups {
		var xs []float64
		for _, t := range a.Trials {
			if x, ok := atEnd(t, score)[group]; ok {
				xs = append(xs, x)
			}
		}
		row.Cells = append(row.Cells, results.NewSpread(xs).Text())
	}
	row.Shares = shares(a, score)
	return row
}

// shares says how evenly the groups are served: the mean over the worst tenth of them,
// Jain's index and Gini's coefficient, each worked out seed by seed.
func shares(a results.Arm, score results.Score) []string {
	var worst, jain, gini []float64
	for _, t := range a.Trials {
		var xs []float64
		for _, v := range t.Groups(score) {
			xs = append(xs, float64(v.Value))
		}
		s := metric.SharesOf(xs)
		w := s.Best
		if score.Higher {
			w = s.Worst
		}
		worst, jain, gini = append(worst, w), append(jain, s.Jain), append(gini, s.Gini)
	}
	return []string{results.NewSpread(worst).Text(), results.NewSpread(jain).Text(), results.NewSpread(gini).Text()}
}

// atEnd is a score of a trial's last evaluation, by group.
func atEnd(t *results.Trial, score results.Score) map[string]float64 {
	out := map[string]float64{}
	for _, v := range t.Groups(score) {
		out[v.Group] = float64(v.Value)
	}
	return out
}
