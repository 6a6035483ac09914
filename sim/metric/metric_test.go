package metric_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/metric"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestLookup(t *testing.T) {
	for _, m := range metric.All() {
		got, err := metric.Lookup(m.Name)
		if err != nil || got != m {
			t.Errorf("Lookup(%q) = %+v, %v", m.Name, got, err)
		}
		if m.Formula == "" || m.Unit == "" || m.Doc == "" || m.Split == "" || !slices.Contains([]metric.Direction{metric.Higher, metric.Lower, metric.Cost, metric.Neither}, m.Direction) {
			t.Errorf("%q is not described: %+v", m.Name, m)
		}
		if m.Scored != (m.Weight != "") {
			t.Errorf("%q: what is scored has a weight and nothing else has", m.Name)
		}
		if m.Scored == (m.Why != "") {
			t.Errorf("%q: what cannot be asked for says why, and nothing else does", m.Name)
		}
	}
	_, err := metric.Lookup("acuracy")
	if err == nil || !strings.HasSuffix(err.Error(), `did you mean "accuracy"?`) {
		t.Errorf("got %v", err)
	}
	_, err = metric.Scored("bytes.up")
	if err == nil || !strings.Contains(err.Error(), `"loss" "perplexity" "accuracy" "exact-match"`) {
		t.Errorf("got %v", err)
	}
}

func TestSum(t *testing.T) {
	var s, other metric.Sum
	s.Add(metric.Example{LossNats: 3, Labels: 4, Correct: 2})
	s.Add(metric.Example{}) // nothing to predict
	other.Add(metric.Example{LossNats: 0.5, Labels: 1, Correct: 1})
	s.Join(other)
	for name, want := range map[string][2]float64{
		metric.Loss:       {0.7, 5},
		metric.Perplexity: {math.Exp(0.7), 5},
		metric.Accuracy:   {0.6, 5},
		metric.ExactMatch: {0.5, 2},
	} {
		v, w, err := s.Value(name)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name, v, want[0], 1e-15)
		near(t, name+" weight", w, want[1], 0)
	}
	if _, _, err := s.Value("los"); err == nil {
		t.Error("an unknown metric must be an error")
	}
	var empty metric.Sum
	if v, w, err := empty.Value(metric.Loss); v != 0 || w != 0 || err != nil {
		t.Errorf("empty: %v %v %v", v, w, err)
	}
}

// Every scored metric joins to what measuring the examples together gives.
func TestMeanEqualsPooled(t *testing.T) {
	examples := []metric.Example{{1.5, 3, 3}, {9, 5, 1}, {0.25, 1, 1}, {4, 2, 0}, {7, 7, 6}}
	for _, m := range metric.All() {
		if !m.Scored {
			continue
		}
		for cut := range len(examples) + 1 {
			var all, left, right metric.Sum
			for i, e := range examples {
				all.Add(e)
				if i < cut {
					left.Add(e)
				} else {
					right.Add(e)
				}
			}
			var parts []metric.Weighted
			for _, s := range []*metric.Sum{&left, &right} {
				v, w, err := s.Value(m.Name)
				if err != nil {
					t.Fatal(err)
				}
				parts = append(parts, metric.Weighted{Value: v, Weight: w})
			}
			want, weight, _ := all.Value(m.Name)
			got := m.Mean(parts)
			near(t, m.Name, got.Value, want, 1e-12)
			near(t, m.Name+" weight", got.Weight, weight, 0)
		}
	}
}

func TestSpread(t *testing.T) {
	s := metric.SpreadOf([]float64{1, 2, 4})
	near(t, "mean", s.Mean, 7.0/3, 1e-15)
	near(t, "sd", s.SD, math.Sqrt(7.0/3), 1e-15)
	near(t, "half", s.Half, 4.30265*math.Sqrt(7.0/9), 1e-12)
	one := metric.SpreadOf([]float64{5})
	if one.Mean != 5 || !math.IsNaN(one.SD) || !math.IsNaN(one.Half) {
		t.Errorf("one value has no spread: %+v", one)
	}
	d := metric.Paired([]float64{3, 5}, []float64{1, 2})
	near(t, "paired", d.Mean, 2.5, 0)
	// R: qt(0.975, 31) = 2.039513, qt(0.975, 120) = 1.979930
	for n, want := range map[int]float64{32: 2.039513, 121: 1.979930} {
		values := make([]float64, n)
		values[0] = 1
		s := metric.SpreadOf(values)
		near(t, "t", s.Half*math.Sqrt(float64(n))/s.SD, want, 1e-5)
	}
}
