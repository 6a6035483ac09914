package stat_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/results/stat"
)

// questions are differences at eight seeds, each of ten questions whose own difference is the
// same at every seed, and a little of the seed's.
func questions(names bool) (h stat.Hierarchy) {
	s := rng.New(3).At("questions").Stream()
	of := make([]float64, 10)
	for i := range of {
		of[i] = s.Uniform(-1, 1)
	}
	for range 8 {
		var units []stat.Unit
		shift := s.Uniform(-0.01, 0.01)
		for i, x := range of {
			u := stat.Unit{Value: x + shift, Weight: 1}
			if names {
				u.Name = fmt.Sprintf("example=%d", i)
			}
			units = append(units, u)
		}
		h = append(h, units)
	}
	return h
}

// Ten questions put at eight seeds are ten questions, not eighty: the spread of a resampled mean
// is that of a mean of ten.
func TestQuestionsThatSeedsShareAreDrawnOnce(t *testing.T) {
	spread := func(h stat.Hierarchy) float64 {
		b, err := h.Resample(4000, rng.New(1).At("test"), stat.Mean)
		if err != nil {
			t.Fatal(err)
		}
		return stat.SD(b.Resampled)
	}
	var one []float64
	for _, u := range questions(true)[0] {
		one = append(one, u.Value)
	}
	want := stat.SD(one) * math.Sqrt(9.0/10) / math.Sqrt(10)
	if got := spread(questions(true)); math.Abs(got-want) > 0.05*want {
		t.Errorf("shared questions: the resampled means have a spread of %.4f; want %.4f", got, want)
	}
	if got := spread(questions(false)); math.Abs(got-want/math.Sqrt(8)) > 0.1*want {
		t.Errorf("questions of each seed's own: a spread of %.4f; want %.4f", got, want/math.Sqrt(8))
	}
}

func TestUnitsAreCrossedWhereNamesAgree(t *testing.T) {
	name := func(names ...string) (units []stat.Unit) {
		for _, n := range names {
			units = append(units, stat.Unit{Weight: 1, Name: n})
		}
		return units
	}
	for _, c := range []struct {
		h    stat.Hierarchy
		want bool
	}{
		{stat.Hierarchy{name("a", "b"), name("a", "b")}, true},
		{stat.Hierarchy{name("a", "b"), name("a", "c")}, false},
		{stat.Hierarchy{name("a", "b"), name("a")}, false},
		{stat.Hierarchy{name("", ""), name("", "")}, false},
		{stat.Hierarchy{name("a", "a"), name("a", "a")}, false},
		{stat.Hierarchy{name("a", "b"), nil}, false},
		{stat.Hierarchy{nil, name("a", "b")}, false},
		{stat.Flat([]float64{1, 2}), false},
		{nil, false},
	} {
		if got := c.h.Crossed(); got != c.want {
			t.Errorf("%v: crossed %v", c.h, got)
		}
	}
}

// Seeds that agree to the third digit do not show that arms are equivalent where questions differ.
func TestEquivalenceLooksAtQuestionsToo(t *testing.T) {
	h := questions(true)
	mean := stat.Mean(h.Seeds())
	for i := range h {
		for k := range h[i] {
			h[i][k].Value -= mean
		}
	}
	if v := stat.Compare(stat.Flat(h.Seeds()), ask(true)).Verdict(); v != stat.Same {
		t.Errorf("seeds alone: %s", v)
	}
	if v := stat.Compare(h, ask(true)).Verdict(); v != stat.Open {
		t.Errorf("with questions: %s", v)
	}
}
