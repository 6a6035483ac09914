package results

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/sim/metric"
)

// Contrast is how two arms differ in one score, seed by seed. Trials of one seed share
// participants, shards and batches, so most of what seeds do falls out of the difference.
type Contrast struct {
	Arm    string
	Score  Score
	Spread metric.Spread // of arm minus reference, over the seeds that both have
}

// Contrasts compares every arm with the reference, which is the arm that the plan names
// first, in every score.
func (r *Run) Contrasts(s Summary) (reference string, out []Contrast) {
	if len(r.Trials) == 0 {
		return "", nil
	}
	reference = r.Trials[0].Head.Arm
	var ref Arm
	for _, a := range s.Arms {
		if a.Name == reference {
			ref = a
		}
	}
	for _, a := range s.Arms {
		if a.Name == reference {
			continue
		}
		for _, score := range s.Scores {
			after, before := pairs(a, ref, score.Name)
			if len(after) > 0 {
				out = append(out, Contrast{Arm: a.Name, Score: score, Spread: metric.Paired(after, before)})
			}
		}
	}
	return reference, out
}

// pairs lists a score in two arms, for the seeds that both have.
func pairs(a, b Arm, score string) (x, y []float64) {
	for _, t := range a.Trials {
		for _, u := range b.Trials {
			if t.Head.Seed != u.Head.Seed {
				continue
			}
			v, okV := t.Measure(score)
			w, okW := u.Measure(score)
			if okV && okW {
				x, y = append(x, v), append(y, w)
			}
		}
	}
	return x, y
}

// Text is the mean difference with its sign.
func (c Contrast) Text() string {
	return Spread{Spread: c.Spread}.Signed()
}

// Interval is the 95 % interval of the mean difference by Student's t, or why there is none.
func (c Contrast) Interval() string {
	if math.IsNaN(c.Spread.Half) {
		return "needs at least 2 seeds"
	}
	return fmt.Sprintf("%s … %s", Plain(c.Spread.Mean-c.Spread.Half), Plain(c.Spread.Mean+c.Spread.Half))
}
