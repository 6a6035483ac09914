package report

import (
	"slices"

	"github.com/loramesh/loramesh/results"
)

// breakdown is one score at the end, by group: an arm a row, a group a column.
type breakdown struct {
	Score  string
	Groups []string
	Rows   []breakdownRow
}

type breakdownRow struct {
	Arm   string
	Cells []string
}

// breakdowns makes a table for each score that was evaluated by groups. Groups stand in
// the order of their names; cells are means over seeds with their spread.
func breakdowns(s results.Summary) []breakdown {
	var out []breakdown
	for _, score := range s.Scores {
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
	return row
}

// atEnd is a score of a trial's last evaluation, by group.
func atEnd(t *results.Trial, score results.Score) map[string]float64 {
	out := map[string]float64{}
	for _, e := range t.Evaluations {
		if e.At == "start" || e.Round != t.End.Rounds {
			continue
		}
		for _, v := range e.Values {
			if v.Group != "" && e.On+"."+v.Name == score.Name {
				out[v.Group] = float64(v.Value)
			}
		}
	}
	return out
}
