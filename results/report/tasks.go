package report

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/results"
)

// taught is what learning tasks one after the other came to.
type taught struct {
	results.Table
	Kinds []kind
}

// kind is the matrices of one kind, an arm a matrix: a score after each task on each, or where
// routers send tasks.
type kind struct {
	Title    string
	Caption  string
	Open     bool // they are few and small enough to be met at once
	Small    bool // they stand beside each other
	Matrices []matrix
}

// matrix is that of one arm, means over seeds.
type matrix struct {
	Title  string   // the arm's name
	Corner string   // what the rows are
	Heads  []string // tasks, or experts
	Rows   []matrixRow
}

// Matrices of more columns than smallMost do not stand beside each other, and of a kind that
// has more matrices than openMost only the title is shown at first.
const (
	smallMost = 6
	openMost  = 16
)

type matrixRow struct {
	Task  string // that was learned last, or whose examples are looked at
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
	add := func(title, caption string, m matrix) {
		i := slices.IndexFunc(out.Kinds, func(k kind) bool { return k.Title == title })
		if i < 0 {
			i = len(out.Kinds)
			out.Kinds = append(out.Kinds, kind{Title: title, Caption: caption, Small: true})
		}
		k := &out.Kinds[i]
		k.Matrices, k.Small = append(k.Matrices, m), k.Small && len(m.Heads) <= smallMost
	}
	for _, a := range s.Arms {
		for _, first := range a.Trials[0].Streams() {
			add(sentence(first.Score)+" on each task, after each", afterEach, matrixOf(a, first))
		}
	}
	for _, a := range s.Arms {
		for _, first := range a.Trials[0].Confusions() {
			add(sentence(first.On)+": experts of each task", whichExperts, confusionOf(a, first))
		}
	}
	if len(out.Kinds) > 0 {
		out.Kinds[0].Open = len(out.Kinds[0].Matrices) <= openMost
	}
	return out
}

const (
	afterEach    = "A row is after a task was learned, a column a task that is measured; below the diagonal is what is kept, above it what was not yet learned. Means over the seeds whose tasks come in this order."
	whichExperts = "A row is a task whose examples are looked at when the trial has ended, a column an expert: the share of decisions, one a token and adapted module, in which it had the largest weight. On the diagonal is the task's own; nobody is the null expert, or none. Means over seeds."
)

// heated is a mean in its place.
func heated(xs []float64) heat {
	mean := results.NewSpread(xs).Mean
	return heat{fmt.Sprintf("%.2f", mean), int(100 * min(max(mean, 0), 1))}
}

// confusionOf is the share of every task's decisions that went to every expert.
func confusionOf(a results.Arm, first results.Confusion) matrix {
	m := matrix{Title: a.Name, Corner: "task"}
	for _, e := range first.Experts {
		if e == "" {
			e = "nobody"
		}
		m.Heads = append(m.Heads, e)
	}
	var seen []results.Confusion
	for _, t := range a.Trials {
		for _, c := range t.Confusions() {
			if c.On == first.On {
				seen = append(seen, c)
			}
		}
	}
	for _, task := range first.Tasks {
		row := matrixRow{Task: task}
		for _, expert := range first.Experts {
			var xs []float64
			for _, c := range seen {
				i, j := slices.Index(c.Tasks, task), slices.Index(c.Experts, expert)
				if i >= 0 && j >= 0 {
					xs = append(xs, c.Share[i][j])
				}
			}
			row.Cells = append(row.Cells, heated(xs))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

func matrixOf(a results.Arm, first results.Stream) matrix {
	m := matrix{Title: a.Name, Corner: "after", Heads: first.Names}
	same := func(s results.Stream) bool { return s.Score == first.Score && slices.Equal(s.Names, first.Names) }
	var seen []results.Stream // once a trial: to gather one reads all that the trial measured
	for _, t := range a.Trials {
		all := t.Streams()
		if k := slices.IndexFunc(all, same); k >= 0 {
			seen = append(seen, all[k])
		}
	}
	for i, task := range first.Names {
		row := matrixRow{Task: task}
		for j := range first.Names {
			var xs []float64
			for _, s := range seen {
				xs = append(xs, s.R[i][j])
			}
			row.Cells = append(row.Cells, heated(xs))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
