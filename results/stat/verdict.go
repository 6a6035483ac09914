package stat

import "math"

// Verdict is what may be said of a comparison, in one word or two.
type Verdict string

// Verdicts. The first three need [EnoughSeeds] and no warning that forbids them.
const (
	Better     Verdict = "better"     // adjusted p at most α, and the interval clear of 0
	Worse      Verdict = "worse"      //
	Same       Verdict = "equivalent" // within the margin, by two one-sided tests
	Open       Verdict = "not decided"
	LeansUp    Verdict = "ahead in every seed"  // no verdict: a direction seen
	LeansDown  Verdict = "behind in every seed" //
	NoVerdict  Verdict = "no verdict"           // too few seeds, and they do not agree
	Negligible Verdict = "equal in practice"    // a difference is shown, and so is that it is within the margin
)

// Verdict puts the comparison into words. A difference counts as shown where the adjusted
// p-value and the interval agree; where they do not, the matter is open.
func (p *Paired) Verdict() Verdict {
	if p.capped {
		return p.direction()
	}
	in, _ := p.Best()
	shown := p.Holm <= p.Question.Alpha && (in.Low > 0 || in.High < 0)
	within := p.within()
	switch {
	case shown && within:
		return Negligible
	case within:
		return Same
	case !shown || math.IsNaN(p.Mean):
		return Open
	case (p.Mean > 0) == p.Question.Higher:
		return Better
	}
	return Worse
}

// within says whether the difference is shown to lie within the margin: by two one-sided tests
// over seeds, and where clients or queries are a sample too by the interval that draws them.
func (p *Paired) within() bool {
	if p.Equivalent.P > p.Question.Alpha {
		return false
	}
	m := p.Question.Margin
	return !p.Nested || p.Inner.Low >= -m && p.Inner.High <= m
}

// direction is all that few seeds can say.
func (p *Paired) direction() Verdict {
	up, down := 0, 0
	for _, d := range p.Differences {
		switch {
		case d > 0:
			up++
		case d < 0:
			down++
		}
	}
	if !p.Question.Higher {
		up, down = down, up
	}
	switch n := len(p.Differences); {
	case n > 0 && up == n:
		return LeansUp
	case n > 0 && down == n:
		return LeansDown
	}
	return NoVerdict
}
