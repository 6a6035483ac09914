package stat

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/rng"
)

// EnoughSeeds is the number of paired seeds from which a verdict is given. Below it the
// smallest exact p-value, over a table of a few rows, cannot reach 0.05, and bootstrap
// intervals are too narrow.
const EnoughSeeds = 8

// Question is what paired differences are asked.
type Question struct {
	Higher    bool    // a positive difference is the better one
	Margin    float64 // differences within ± this are of no account
	Alpha     float64 // level of tests; intervals have confidence 1 − Alpha
	Power     float64 // with which SeedsNeeded would find a difference of Margin
	Resamples int
	Key       rng.Key // of the draws of resampling
}

// Usual is the question where nobody asks another: level 0.05, power 0.8, 10,000
// resamples.
func Usual(higher bool, margin float64, key rng.Key) Question {
	return Question{Higher: higher, Margin: margin, Alpha: 0.05, Power: 0.8, Resamples: 10_000, Key: key}
}

// Paired is all that is said about the differences of two arms, seed by seed.
type Paired struct {
	Question    Question
	Differences []float64 // one per seed
	Nested      bool      // intervals also resample clients or queries
	Crossed     bool      // which are the same at every seed

	Mean, Median, SD float64
	OfMean, OfMedian Interval // BCa; NaN below two seeds and for constant differences
	ByT              Interval // of the mean by Student's t, which few seeds are better served by
	Inner            Interval // BCa of the mean at confidence 1 − 2·Alpha, as two one-sided tests look at it

	Test       string // "sign flips", or "signed ranks" above [FlipMost] seeds
	P          float64
	Holm       float64 // P adjusted over the table that the row stands in; see [Together]
	SignedRank Result
	Equivalent Equivalence
	Effect     Effect
	Needed     int // seeds to find a difference of Margin; 0: nothing can be said

	Warnings []error // what must be known before the numbers are believed
	capped   bool    // a warning forbids a verdict
}

// Compare works all of it out for the differences of each seed's units. The p-value stands
// alone until [Together] has put it into its table.
func Compare(h Hierarchy, q Question) *Paired {
	d := h.Seeds()
	p := &Paired{Question: q, Differences: d, Nested: h.Nested(), Crossed: h.Crossed(), Mean: Mean(d), Median: Median(d), SD: SD(d)}
	nan := Interval{math.NaN(), math.NaN()}
	p.OfMean, p.OfMedian, p.Inner = nan, nan, nan
	if len(d) >= 2 {
		b := p.bootstrap(h, "mean", Mean)
		p.OfMean, p.Inner = b.BCa(1-q.Alpha), b.BCa(1-2*q.Alpha)
		p.OfMedian = p.bootstrap(h, "median", Median).BCa(1 - q.Alpha)
	}
	t := PairedT(d, TwoSided)
	half := float64(TQuantile(1-q.Alpha/2, t.Freedom) * p.SD / math.Sqrt(float64(len(d))))
	p.ByT = Interval{p.Mean - half, p.Mean + half}
	p.SignedRank = SignedRank(d, DropZeros, TwoSided)
	p.Test, p.P = "signed ranks", p.SignedRank.P
	if r, err := SignFlip(d); err == nil {
		p.Test, p.P = "sign flips", r.P
	}
	p.Holm = p.P
	p.Equivalent = Equivalent(d, q.Margin)
	p.Effect = EffectOf(d)
	p.Needed = SeedsNeeded(q.Margin, p.SD, q.Alpha, q.Power)
	p.judge()
	return p
}

func (p *Paired) bootstrap(h Hierarchy, name string, statistic func([]float64) float64) Bootstrap {
	b, err := h.Resample(p.Question.Resamples, p.Question.Key.At("bootstrap", name), statistic)
	if err != nil {
		panic("stat: " + err.Error()) // the caller has counted
	}
	return b
}

// judge warns of what the differences alone show.
func (p *Paired) judge() {
	n := len(p.Differences)
	switch {
	case n == 0:
		p.Cap(fmt.Errorf("no seed in common: nothing is paired"))
	case n == 1:
		p.Cap(fmt.Errorf("one seed: no spread, no interval, no test; needs at least 2, and %d for a verdict", EnoughSeeds))
	case hasNaN(p.Differences):
		p.Cap(fmt.Errorf("a difference is no number: a trial diverged, and no statistic covers it up"))
	case n < EnoughSeeds:
		p.Cap(fmt.Errorf("%d seeds: too few for a verdict, which needs %d; the smallest p-value that %d can give is %.3g", n, EnoughSeeds, n, LeastP(n)))
	}
	if n > 1 && p.SD == 0 {
		p.Warn(fmt.Errorf("all %d differences are %+.4g: there is no spread to test against", n, p.Differences[0]))
	}
}

// Warn adds what must be known before the numbers are believed.
func (p *Paired) Warn(why error) { p.Warnings = append(p.Warnings, why) }

// Cap adds a warning that forbids more than to say which direction was seen.
func (p *Paired) Cap(why error) {
	p.Warn(why)
	p.capped = true
}

// Best is the interval of the mean to show: BCa from [EnoughSeeds] on, by Student's t
// below, where resampling is too narrow; and its name.
func (p *Paired) Best() (Interval, string) {
	if len(p.Differences) >= EnoughSeeds && !math.IsNaN(p.OfMean.Low) {
		return p.OfMean, "BCa"
	}
	return p.ByT, "t"
}

// Together adjusts the p-values of all rows of a table by Holm's rule, and warns where the
// table is too large for its seeds.
func Together(rows []*Paired) {
	p := make([]float64, len(rows))
	for i, r := range rows {
		p[i] = r.P
	}
	for i, adjusted := range Adjust(p, Holm) {
		r := rows[i]
		r.Holm = adjusted
		n := len(r.Differences)
		if least := LeastP(n) * float64(len(rows)); n >= EnoughSeeds && least > r.Question.Alpha {
			r.Warn(fmt.Errorf("%d seeds in a table of %d rows: the first row to be rejected would need p ≤ %.2g, and %d seeds give no less than %.2g; use more seeds or ask fewer questions",
				n, len(rows), r.Question.Alpha/float64(len(rows)), n, LeastP(n)))
		}
	}
}
