package metric

import (
	"fmt"
	"math"
)

// Tasks is what learning tasks one after another came to. R[i][j] is the score on task j
// after learning task i, both from 0; higher is better.
type Tasks struct {
	R [][]float64
	// Untrained[j] is the score on task j before any learning, Single[j] that of a model
	// that learned task j alone. Either may be nil; what needs it is then NaN.
	Untrained, Single []float64
}

// NewTasks checks that the matrix is square and the lists are as long.
func NewTasks(r [][]float64, untrained, single []float64) (Tasks, error) {
	if len(r) == 0 {
		return Tasks{}, fmt.Errorf("no tasks; needs at least 1")
	}
	for i, row := range r {
		if len(row) != len(r) {
			return Tasks{}, fmt.Errorf("row %d has %d scores for %d tasks; needs a score for each", i, len(row), len(r))
		}
	}
	for _, list := range [][]float64{untrained, single} {
		if list != nil && len(list) != len(r) {
			return Tasks{}, fmt.Errorf("%d scores to compare with for %d tasks; needs one for each, or none", len(list), len(r))
		}
	}
	return Tasks{r, untrained, single}, nil
}

// Until is what it had come to after the first n tasks, of those alone.
func (t Tasks) Until(n int) Tasks {
	out := Tasks{R: make([][]float64, n)}
	for i := range n {
		out.R[i] = t.R[i][:n]
	}
	if t.Untrained != nil {
		out.Untrained = t.Untrained[:n]
	}
	if t.Single != nil {
		out.Single = t.Single[:n]
	}
	return out
}

func (t Tasks) n() int { return len(t.R) }

// mean is the mean of f over from ≤ j < to; NaN over nothing.
func mean(from, to int, f func(j int) float64) float64 {
	sum := 0.0
	for j := from; j < to; j++ {
		sum += f(j)
	}
	return sum / float64(max(to-from, 0))
}

// ACC is the mean score over all tasks after the last.
func (t Tasks) ACC() float64 {
	return mean(0, t.n(), func(j int) float64 { return t.R[t.n()-1][j] })
}

// Learning is the mean score on each task just after it was learned.
func (t Tasks) Learning() float64 {
	return mean(0, t.n(), func(j int) float64 { return t.R[j][j] })
}

// Incremental is the mean over i of the mean score on the tasks learned by then.
func (t Tasks) Incremental() float64 {
	return mean(0, t.n(), func(i int) float64 {
		return mean(0, i+1, func(j int) float64 { return t.R[i][j] })
	})
}

// BWT is backward transfer (Lopez-Paz and Ranzato 2017): how much later tasks changed the
// score on earlier ones; below 0 is forgetting. NaN of one task.
func (t Tasks) BWT() float64 {
	return mean(0, t.n()-1, func(j int) float64 { return t.R[t.n()-1][j] - t.R[j][j] })
}

// FWT is forward transfer: how much earlier tasks changed the score on a task not yet
// learned, against an untrained model. NaN of one task.
func (t Tasks) FWT() float64 {
	if t.Untrained == nil {
		return math.NaN()
	}
	return mean(1, t.n(), func(j int) float64 { return t.R[j-1][j] - t.Untrained[j] })
}

// LearningGain is the other forward transfer in use: learned in sequence minus learned
// alone.
func (t Tasks) LearningGain() float64 {
	if t.Single == nil {
		return math.NaN()
	}
	return t.Learning() - mean(0, t.n(), func(j int) float64 { return t.Single[j] })
}

// Best says which scores forgetting is measured from.
type Best int

// Which scores count as a task's best.
const (
	BeforeLast   Best = iota // any before the last task (Chaudhry 2018); may be negative
	SinceLearned             // from the task's own learning on, before the last
	Ever                     // any, the last included; never negative
)

// Forgetting is the mean over tasks but the last of best minus final score. NaN of one task.
func (t Tasks) Forgetting(from Best) float64 {
	return mean(0, t.n()-1, func(j int) float64 {
		first, end := 0, t.n()-1
		switch from {
		case SinceLearned:
			first = j
		case Ever:
			end = t.n()
		}
		best := math.Inf(-1)
		for i := first; i < end; i++ {
			best = max(best, t.R[i][j])
		}
		return best - t.R[t.n()-1][j]
	})
}

// Intransigence is how much worse a task is learned in sequence than alone.
func (t Tasks) Intransigence() float64 {
	if t.Single == nil {
		return math.NaN()
	}
	return mean(0, t.n(), func(j int) float64 { return t.Single[j] - t.R[j][j] })
}

// Normalised is the mean of final score over that of learning alone.
func (t Tasks) Normalised() float64 {
	if t.Single == nil {
		return math.NaN()
	}
	return mean(0, t.n(), func(j int) float64 { return t.R[t.n()-1][j] / t.Single[j] })
}
