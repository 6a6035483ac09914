package results

import (
	"math"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/metric"
)

// Stream is one score on each task after each: what learning tasks in sequence came to. The
// order of the tasks is that in which they were learned.
type Stream struct {
	Score string // "test.class-accuracy"
	Names []string
	metric.Tasks
}

// streamNames are the numbers that follow from a stream, as the catalogue names them.
var streamNames = []string{"continual.accuracy", "bwt", "forgetting", "fwt"}

// Names of what a score's forgetting falls into where experts are told beside it.
const (
	forgottenByExperts = "forgetting.expert"
	forgottenByRouter  = "forgetting.routing"
)

// Numbers are those of the stream, in the order of the catalogue; NaN where one is unknown.
func (s Stream) Numbers() []float64 {
	return []float64{s.ACC(), s.BWT(), s.Forgetting(metric.BeforeLast), s.FWT()}
}

// Streams lists the scores of a trial that was measured on each task after each. A trial that
// ended before its last task has none, and neither have scores of which less is better, for
// which gain and loss would change places.
func (t *Trial) Streams() []Stream {
	var out []Stream
	var rows []ledger.Evaluate
	for _, e := range t.Evaluations {
		if e.Task != "" {
			rows = append(rows, e)
		}
	}
	for i, first := range rows {
		for _, v := range Overall(first.Values) {
			name := first.On + "." + v.Name
			m, err := metric.Lookup(v.Name)
			if err != nil || m.Direction != metric.Higher || slices.ContainsFunc(out, func(s Stream) bool { return s.Score == name }) {
				continue
			}
			if s, whole := t.stream(rows[i:], first.On, v.Name); whole {
				s.Score = name
				out = append(out, s)
			}
		}
	}
	return out
}

// stream gathers one score; whole is false where a number is missing.
func (t *Trial) stream(rows []ledger.Evaluate, on, name string) (s Stream, whole bool) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(e ledger.Evaluate) bool { return e.On != on })
	for _, e := range rows {
		s.Names = append(s.Names, e.Task)
	}
	for _, e := range rows {
		row, whole := ofTasks(e, name, s.Names)
		if !whole {
			return s, false
		}
		s.R = append(s.R, row)
	}
	for _, e := range t.Evaluations {
		if e.At == "start" && e.On == on {
			if row, whole := ofTasks(e, name, s.Names); whole {
				s.Untrained = row
			}
		}
	}
	if slices.ContainsFunc(s.R, func(row []float64) bool { return slices.ContainsFunc(row, math.IsNaN) }) {
		return s, false // nothing stands behind a number
	}
	tasks, err := metric.NewTasks(s.R, s.Untrained, nil)
	s.Tasks = tasks
	return s, err == nil && len(tasksIn(rows[0], name)) == len(s.Names)
}

// Told is the stream of the same score with experts told; ok is false where that was not
// measured.
func (s Stream) Told(all []Stream) (told Stream, ok bool) {
	on, name, _ := strings.Cut(s.Score, ".")
	oracle := metric.OracleOf(name)
	i := slices.IndexFunc(all, func(o Stream) bool { return oracle != "" && o.Score == on+"."+oracle })
	if i < 0 {
		return told, false
	}
	return all[i], true
}

// ofTasks is one score by task, in the order of the names.
func ofTasks(e ledger.Evaluate, name string, names []string) (row []float64, whole bool) {
	in := tasksIn(e, name)
	for _, n := range names {
		x, is := in[n]
		if !is {
			return nil, false
		}
		row = append(row, x)
	}
	return row, true
}

// tasksIn are the values of a score by task. Where columns part tasks into smaller groups, a
// task's value is the mean of those by weight.
func tasksIn(e ledger.Evaluate, name string) map[string]float64 {
	sum, weight := map[string]float64{}, map[string]float64{}
	for _, v := range e.Values {
		cell, _, _ := strings.Cut(v.Group, ",")
		if task, is := strings.CutPrefix(cell, data.TaskColumn+"="); is && v.Name == name {
			sum[task] += float64(float64(v.Value) * v.Weight)
			weight[task] += v.Weight
		}
	}
	for task, w := range weight {
		sum[task] /= w
	}
	return sum
}

// learned are the names of the numbers that follow from streams, for the trial's summary.
func (t *Trial) learned() (out []Measured) {
	all := t.Streams()
	for _, s := range all {
		add := func(name string, x float64) {
			if !math.IsNaN(x) {
				out = append(out, Measured{s.Score + "." + name, x})
			}
		}
		for i, x := range s.Numbers() {
			add(streamNames[i], x)
		}
		if told, ok := s.Told(all); ok {
			expert := told.Forgetting(metric.BeforeLast)
			add(forgottenByExperts, expert)
			add(forgottenByRouter, s.Forgetting(metric.BeforeLast)-expert)
		}
	}
	return out
}

// learnedScores are the numbers of streams as scores that arms can be compared in.
func learnedScores(arms []Arm) (out []Score) {
	names := slices.Concat(streamNames, []string{forgottenByExperts, forgottenByRouter})
	met := map[string]bool{}
	for _, a := range arms {
		for _, m := range a.Trials[0].learned() {
			for _, name := range names {
				if strings.HasSuffix(m.Name, "."+name) && !met[m.Name] {
					met[m.Name] = true
					s := newScore(m.Name, name)
					s.Unit = ""
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// StreamTable lays out what learning in sequence came to, an arm a row; false where nothing
// was measured task by task.
func (s Summary) StreamTable() (t Table, ok bool) {
	t = Table{Heads: []string{"method"}, Left: 1}
	for _, score := range s.Learned {
		t.Heads = append(t.Heads, score.Name)
	}
	for _, a := range s.Arms {
		row := []string{a.Name}
		for _, score := range s.Learned {
			x, _ := a.Column(score.Name)
			row = append(row, x.Text())
		}
		t.Rows = append(t.Rows, row)
	}
	t.Notes = []string{"continual.accuracy: mean over tasks after the last; bwt: what later tasks did to earlier ones; forgetting: fall from the best before the last task; fwt: what earlier tasks did for one not yet learned; forgetting.expert: what is forgotten though the expert is told, forgetting.routing: the rest, which the router forgets."}
	return t, len(s.Learned) > 0
}
