package results

import (
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/metric"
)

// Confusion is to which experts the decisions of every task's examples went, when a trial
// ended. The order of tasks and experts is that in which the tasks were learned.
type Confusion struct {
	On      string // the set that was measured
	Tasks   []string
	Experts []string    // "" is nobody
	Share   [][]float64 // of a task's decisions
}

// Confusions are those of the sets that were measured so.
func (t *Trial) Confusions() (out []Confusion) {
	var learned []string
	for _, e := range t.Evaluations {
		if e.Task != "" && !slices.Contains(learned, e.Task) {
			learned = append(learned, e.Task)
		}
	}
	rank := func(name string) int {
		if name == "" {
			return len(learned) + 1 // nobody stands last
		}
		if i := slices.Index(learned, name); i >= 0 {
			return i
		}
		return len(learned)
	}
	var looked []string // at these sets, also where nothing was measured so
	for _, e := range t.Evaluations {
		on := e.On
		if slices.Contains(looked, on) {
			continue
		}
		looked = append(looked, on)
		shares := map[[2]string]float64{}
		c := Confusion{On: on}
		for _, v := range t.Groups(Score{Name: on + "." + metric.RouteConfusion}) {
			task, expert, ok := routedCell(v.Group)
			if !ok {
				continue
			}
			shares[[2]string{task, expert}] = float64(v.Value)
			if !slices.Contains(c.Tasks, task) {
				c.Tasks = append(c.Tasks, task)
			}
			if !slices.Contains(c.Experts, expert) {
				c.Experts = append(c.Experts, expert)
			}
		}
		for _, list := range [][]string{c.Tasks, c.Experts} {
			slices.SortStableFunc(list, func(a, b string) int { return rank(a) - rank(b) })
		}
		for _, task := range c.Tasks {
			row := make([]float64, len(c.Experts))
			for i, expert := range c.Experts {
				row[i] = shares[[2]string{task, expert}]
			}
			c.Share = append(c.Share, row)
		}
		if len(c.Tasks) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// routedCell takes the group "task=a,expert=b" apart; ok is false of any other.
func routedCell(group string) (task, expert string, ok bool) {
	task, is := strings.CutPrefix(group, data.TaskColumn+"=")
	if !is {
		return "", "", false
	}
	return strings.Cut(task, ",expert=")
}
