package report

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/results"
)

// lost is the ledger of aggregation errors: an arm a row, a round a column.
type lost struct {
	Rounds []string
	Rows   []lostRow
}

type lostRow struct {
	Arm   string
	Cells []string
}

// lostMost is how many rounds are shown; of more, so many at even distances, ends included.
const lostMost = 8

// lostOf lists the relative aggregation error by round, the mean over seeds.
func lostOf(s results.Summary) *lost {
	curves := foldCurves(s, results.AggErrorRel)
	longest := 0
	for _, c := range curves {
		longest = max(longest, len(c.Points))
	}
	if longest == 0 {
		return nil
	}
	l := &lost{}
	var at []int
	for i := range min(longest, lostMost) {
		k := i
		if longest > lostMost {
			k = int(math.Round(float64(i) * float64(longest-1) / (lostMost - 1)))
		}
		at = append(at, k)
		l.Rounds = append(l.Rounds, fmt.Sprintf("round %d", k+1))
	}
	for _, c := range curves {
		row := lostRow{Arm: c.Label}
		for _, k := range at {
			cell := "–"
			if k < len(c.Points) {
				cell = fmt.Sprintf("%.2f %%", float64(100*c.Points[k].Y))
			}
			row.Cells = append(row.Cells, cell)
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}
