package results

import "math"

// Reach is what a trial had spent when a score first reached a target.
type Reach struct {
	Rounds, Time, Bytes, Flops, Examples, Energy float64
}

// Point is one evaluation of a score, against all axes.
type Point struct {
	Reach // spent by then
	Value float64
}

// Course is a trial's score over its evaluations. Two evaluations of one set after the
// same round, as at the end of the last stage and of the trial, are one point.
func (t *Trial) Course(score Score) []Point {
	var out []Point
	last := -1
	for _, e := range t.Evaluations {
		for _, v := range Overall(e.Values) {
			if e.On+"."+v.Name != score.Name || e.Round == last {
				continue
			}
			last = e.Round
			out = append(out, Point{Value: float64(v.Value), Reach: Reach{Rounds: float64(e.Round), Time: float64(e.Now),
				Bytes: float64(e.Up + e.Down), Flops: e.Flops, Examples: float64(t.by(e.Round).Examples), Energy: t.by(e.Round).Energy}})
		}
	}
	return out
}

// by is what participants had spent when so many rounds were folded.
func (t *Trial) by(rounds int) Cost {
	if rounds == 0 || len(t.FoldCosts) == 0 {
		return Cost{}
	}
	return t.FoldCosts[min(rounds, len(t.FoldCosts))-1]
}

// ToTarget is what had been spent when a score first reached the target, linear between
// evaluations; false where it never did, or is no number.
func (t *Trial) ToTarget(score Score, target float64) (Reach, bool) {
	there := func(x float64) bool { return x == target || (x > target) == score.Higher && !math.IsNaN(x) }
	var before Point
	for i, p := range t.Course(score) {
		if !there(p.Value) {
			before = p
			continue
		}
		if i == 0 || p.Value == before.Value || math.IsNaN(before.Value) {
			return p.Reach, true
		}
		part := (target - before.Value) / (p.Value - before.Value)
		at := func(a, b float64) float64 { return a + float64(part*(b-a)) }
		return Reach{at(before.Rounds, p.Rounds), at(before.Time, p.Time), at(before.Bytes, p.Bytes),
			at(before.Flops, p.Flops), at(before.Examples, p.Examples), at(before.Energy, p.Energy)}, true
	}
	return Reach{}, false
}

// CommonTarget is the score that every arm gets to in the end: the worst mean. What it
// costs each arm to get there is a fair comparison of costs.
func (s Summary) CommonTarget(score Score) float64 {
	worst := math.NaN()
	for _, a := range s.Arms {
		c, ok := a.Column(score.Name)
		if ok && (math.IsNaN(worst) || (c.Mean < worst) == score.Higher) {
			worst = c.Mean
		}
	}
	return worst
}

// ToTarget is the mean over an arm's seeds of what a target costs, and how many of them
// reach it; the mean is over those.
func (a Arm) ToTarget(score Score, target float64) (mean Reach, reached int) {
	for _, t := range a.Trials {
		r, ok := t.ToTarget(score, target)
		if !ok {
			continue
		}
		reached++
		mean.Rounds += r.Rounds
		mean.Time += r.Time
		mean.Bytes += r.Bytes
		mean.Flops += r.Flops
		mean.Examples += r.Examples
		mean.Energy += r.Energy
	}
	n := float64(max(reached, 1))
	return Reach{mean.Rounds / n, mean.Time / n, mean.Bytes / n, mean.Flops / n, mean.Examples / n, mean.Energy / n}, reached
}
