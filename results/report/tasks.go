package report

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/results"
)

// taught is what learning tasks one after the other came to.
type taught struct {
	results.Table
	Matrices []matrix
}

// matrix is the scores of one arm after each task on each, means over seeds.
type matrix struct {
	Title string
	Heads []string // tasks
	Rows  []matrixRow
}

type matrixRow struct {
	Task  string // that was learned last
	Cells []heat
}

// heat is a number and how deep its place is dyed, 0 … 100.
type heat struct {
	Text string
	Deep int
}

// taughtOf is nil where no arm was measured on each task after each.
func taughtOf(s results.Summary) *taught {
	t, ok := s.StreamTable()
	if !ok {
		return nil
	}
	out := &taught{Table: t}
	for _, a := range s.Arms {
		for _, first := range a.Trials[0].Streams() {
			out.Matrices = append(out.Matrices, matrixOf(a, first))
		}
	}
	return out
}

func matrixOf(a results.Arm, first results.Stream) matrix {
	m := matrix{Title: a.Name + ": " + first.Score, Heads: first.Names}
	same := func(s results.Stream) bool { return s.Score == first.Score && slices.Equal(s.Names, first.Names) }
	for i, task := range first.Names {
		row := matrixRow{Task: task}
		for j := range first.Names {
			var xs []float64
			for _, t := range a.Trials {
				all := t.Streams()
				if k := slices.IndexFunc(all, same); k >= 0 {
					xs = append(xs, all[k].R[i][j])
				}
			}
			mean := results.NewSpread(xs).Mean
			row.Cells = append(row.Cells, heat{fmt.Sprintf("%.2f", mean), int(100 * min(max(mean, 0), 1))})
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
