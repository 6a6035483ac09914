package stat_test

import (
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/results/stat"
)

var eight = []float64{0.030, 0.021, 0.044, 0.028, 0.035, 0.019, 0.040, 0.025}

func ask(higher bool) stat.Question {
	q := stat.Usual(higher, 0.01, rng.New(7).At("test"))
	q.Resamples = 2000
	return q
}

func moved(d []float64, by, times float64) []float64 {
	out := make([]float64, len(d))
	for i, x := range d {
		out[i] = by + times*x
	}
	return out
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		what   string
		d      []float64
		higher bool
		want   stat.Verdict
	}{
		{"eight seeds, all up", eight, true, stat.Better},
		{"the same, lower is better", eight, false, stat.Worse},
		{"all down, lower is better", moved(eight, 0, -1), false, stat.Better},
		{"tiny either way", []float64{0.001, -0.002, 0.0005, -0.001, 0.002, -0.0005, 0.001, -0.001}, true, stat.Same},
		{"small and sure", moved(eight, 0, 0.1), true, stat.Negligible},
		{"wide", []float64{0.5, -0.4, 0.3, -0.6, 0.2, -0.1, 0.4, -0.2}, true, stat.Open},
		{"five seeds", eight[:5], true, stat.LeansUp},
		{"five seeds, lower is better", eight[:5], false, stat.LeansDown},
		{"three that disagree", []float64{0.1, -0.1, 0.2}, true, stat.NoVerdict},
		{"one", eight[:1], true, stat.LeansUp},
		{"none", nil, true, stat.NoVerdict},
		{"one diverged", append([]float64{math.NaN()}, eight...), true, stat.NoVerdict},
	} {
		if got := stat.Compare(stat.Flat(c.d), ask(c.higher)).Verdict(); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestFewSeedsAreSaid(t *testing.T) {
	for n, want := range map[int]string{0: "no seed in common", 1: "one seed", 2: "too few", 7: "0.0156"} {
		p := stat.Compare(stat.Flat(eight[:n]), ask(true))
		if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].Error(), want) {
			t.Errorf("%d seeds: %v, want %q", n, p.Warnings, want)
		}
	}
	if p := stat.Compare(stat.Flat([]float64{.25, .25, .25, .25, .25, .25, .25, .25}), ask(true)); len(p.Warnings) != 1 || !strings.HasPrefix(p.Warnings[0].Error(), "all 8 differences are +0.25: ") {
		t.Errorf("no spread: %v", p.Warnings)
	}
	if p := stat.Compare(stat.Flat(eight), ask(true)); len(p.Warnings) != 0 {
		t.Errorf("eight seeds: %v", p.Warnings)
	}
}

func TestACappedComparisonGetsNoVerdict(t *testing.T) {
	p := stat.Compare(stat.Flat(eight), ask(true))
	p.Cap(errTuning)
	if p.Verdict() != stat.LeansUp {
		t.Errorf("%q", p.Verdict())
	}
}

type tuning struct{}

func (tuning) Error() string { return "tuning was unequal" }

var errTuning tuning

// Eight seeds can reach 2/256, so Holm leaves a verdict to a table of six rows and none to
// one of seven.
func TestHolmOverATable(t *testing.T) {
	for rows, want := range map[int]stat.Verdict{6: stat.Better, 7: stat.Open} {
		var table []*stat.Paired
		for range rows {
			table = append(table, stat.Compare(stat.Flat(eight), ask(true)))
		}
		stat.Together(table)
		if got := table[0].Verdict(); got != want {
			t.Errorf("%d rows: %q (adjusted p %v), want %q", rows, got, table[0].Holm, want)
		}
		if warned := len(table[0].Warnings) > 0; warned != (want == stat.Open) {
			t.Errorf("%d rows: warnings %v", rows, table[0].Warnings)
		}
	}
}

func TestIntervalsAreTheSameTwice(t *testing.T) {
	a, b := stat.Compare(stat.Flat(eight), ask(true)), stat.Compare(stat.Flat(eight), ask(true))
	if a.OfMean != b.OfMean || a.OfMedian != b.OfMedian {
		t.Errorf("%v %v", a.OfMean, b.OfMean)
	}
	if !a.OfMean.Has(a.Mean) || !a.OfMedian.Has(a.Median) || a.OfMean.Low <= 0.02 || a.OfMean.High >= 0.04 {
		t.Errorf("mean %v in %v, median %v in %v", a.Mean, a.OfMean, a.Median, a.OfMedian)
	}
}

// With units that spread within a seed the interval is wider than that of the seeds alone;
// with one unit a seed it is the plain bootstrap.
func TestHierarchyAddsTheSpreadWithinSeeds(t *testing.T) {
	var nested stat.Hierarchy
	for _, d := range eight {
		nested = append(nested, []stat.Unit{{Value: d - 0.1, Weight: 1}, {Value: d + 0.1, Weight: 1}, {Value: d - 0.05, Weight: 2}, {Value: d + 0.05, Weight: 2}})
	}
	flat := stat.Compare(stat.Flat(nested.Seeds()), ask(true))
	deep := stat.Compare(nested, ask(true))
	if !deep.Nested || flat.Nested {
		t.Error("which is nested?")
	}
	if near := math.Abs(deep.Mean - flat.Mean); near > 1e-12 {
		t.Errorf("means differ by %v", near)
	}
	if a, b := deep.OfMean.High-deep.OfMean.Low, flat.OfMean.High-flat.OfMean.Low; a < 2*b {
		t.Errorf("nested interval %v wide, flat %v", a, b)
	}
}

// Worked out with statsmodels 0.15: TTestPower().solve_power(effect_size, alpha, power).
func TestSeedsNeeded(t *testing.T) {
	for _, c := range []struct {
		effect, alpha, power float64
		want                 int // solve_power rounded up
	}{{0.5, 0.05, 0.8, 34}, {1, 0.05, 0.8, 10}, {0.2, 0.05, 0.9, 265}, {0.8, 0.01, 0.8, 22}} {
		if got := stat.SeedsNeeded(c.effect, 1, c.alpha, c.power); math.Abs(float64(got-c.want)) > 1 {
			t.Errorf("%+v: %d", c, got)
		}
	}
	if got := stat.SeedsNeeded(0.01, 1e-9, 0.05, 0.8); got != 6 {
		t.Errorf("with hardly any spread %d seeds; 6 are the least that can reach 0.05", got)
	}
	if got := stat.SeedsNeeded(1e-9, 1, 0.05, 0.8); got != stat.SeedsMost {
		t.Errorf("hopeless: %d", got)
	}
	for _, bad := range []float64{0, math.NaN()} {
		if got := stat.SeedsNeeded(bad, 1, 0.05, 0.8); got != 0 {
			t.Errorf("size %v: %d", bad, got)
		}
	}
}

// By hand: mean 0.03025, sd of the eight 0.008876; t = (0.05 − 0.03025)/(0.008876/√8).
func TestEquivalence(t *testing.T) {
	e := stat.Equivalent(eight, 0.05)
	se := stat.SD(eight) / math.Sqrt(8)
	if math.Abs((0.05-stat.Mean(eight))/se-6.2934) > 1e-3 || e.P < 1e-5 || e.P > 1e-3 {
		t.Errorf("%+v", e)
	}
	if e := stat.Equivalent(eight, 0.01); e.P < 0.99 {
		t.Errorf("far outside the margin: %+v", e)
	}
	if e := stat.Equivalent([]float64{0.5, 0.5}, 1); e.P != 0 {
		t.Errorf("equal and inside: %+v", e)
	}
}

func TestEffect(t *testing.T) {
	e := stat.EffectOf([]float64{1, 2, 3, -1})
	if math.Abs(e.Dz-1.25/1.707825) > 1e-6 || math.Abs(e.Biserial-0.7) > 1e-12 {
		t.Errorf("%+v", e)
	}
	if math.Abs(e.Gz/e.Dz-0.7236) > 1e-4 { // J(3)
		t.Errorf("correction %v", e.Gz/e.Dz)
	}
}

// Every exact test agrees with counting all sign patterns.
func TestSignedRankCountsEveryPattern(t *testing.T) {
	d := []float64{1, -2, 2, 3, 0, 0.5, -1}
	for _, zeros := range []stat.Zeros{stat.DropZeros, stat.PrattZeros, stat.SplitZeros} {
		want := stat.SignedRank(d, zeros, stat.Greater)
		above := 0
		for pattern := range 1 << len(d) {
			flipped := make([]float64, len(d))
			for i, x := range d {
				flipped[i] = x
				if pattern>>i&1 == 1 {
					flipped[i] = -x
				}
			}
			if stat.SignedRank(flipped, zeros, stat.Greater).Statistic >= want.Statistic {
				above++
			}
		}
		if p := float64(above) / float64(int(1)<<len(d)); math.Abs(p-want.P) > 1e-12 {
			t.Errorf("zeros %v: %v, counted %v", zeros, want.P, p)
		}
	}
}
