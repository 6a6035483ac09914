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
	if err == nil || !strings.Contains(err.Error(), `"loss" "perplexity" "accuracy" "exact-match" "class-accuracy"`) {
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

// Every scored metric of tokens and texts joins to what measuring the examples together gives.
func TestMeanEqualsPooled(t *testing.T) {
	examples := []metric.Example{{1.5, 3, 3}, {9, 5, 1}, {0.25, 1, 1}, {4, 2, 0}, {7, 7, 6}}
	said := []string{"the cat sat", "a dog", "the cat sat on the mat", "", "mat the on sat cat the"}
	for _, m := range metric.All() {
		if _, told := metric.Untold([]string{m.Name}); !m.Scored || metric.Classifies([]string{m.Name}) || len(told) > 0 {
			continue
		}
		if m.Name == metric.BLEU || m.Name == metric.ChrF {
			continue // of a corpus, see corpus_test.go
		}
		for cut := range len(examples) + 1 {
			var all, left, right metric.Sum
			for i, e := range examples {
				part := &right
				if i < cut {
					part = &left
				}
				for _, s := range []*metric.Sum{&all, part} {
					s.Add(e)
					s.AddWritten(metric.Judge("the cat sat on the mat", said[i]))
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

// Three of six words, in one run of three: ROUGE-1 and L have precision 1 and recall 1/2.
func TestJudge(t *testing.T) {
	w := metric.Judge("The cat sat on the mat.", " the cat sat ")
	near(t, "rouge-1", w.Rouge1, 2.0/3, 1e-12)
	near(t, "rouge-2", w.Rouge2, 2*(1*2.0/5)/(1+2.0/5), 1e-12)
	near(t, "rouge-l", w.RougeL, 2.0/3, 1e-12)
	if w.Same || !metric.Judge("a b", "a b\n").Same {
		t.Error("the same text is not told from another")
	}
	if metric.Writes([]string{"loss", "accuracy"}) || !metric.Writes([]string{"loss", "rouge-l"}) {
		t.Error("which metrics need text?")
	}
}
