package method

import (
	"slices"
	"testing"
)

// What an assignment uploads goes by the names that it says, or by those of all that is made.
func TestMakes(t *testing.T) {
	parts := []Part{LoRA{Name: "a"}, Keys{Name: "b"}, Head{Name: "c"}, Detector{Name: "d"}, Weights{Name: "e"}, Soft{Name: "f"}}
	for _, x := range []struct {
		says string
		a    Assignment
		want []string
	}{
		{"all parts", Assignment{Recipe: Fit{Train: parts}}, []string{"a", "b", "c", "d", "e", "f"}},
		{"what it says", Assignment{Recipe: Fit{Train: parts}, Upload: []string{"a.B", "control"}}, []string{"a.B", "control"}},
		{"nothing", Assignment{Recipe: Fit{Train: parts}, Upload: []string{Nothing}}, nil},
		{"all statistics", Assignment{Recipe: Probe{What: []Statistic{Input{}, Gradient{}, Input{}}}}, []string{"input", "gradient", "input.2"}},
		{"a statistic", Assignment{Recipe: Probe{What: []Statistic{Input{}, Gradient{}}}, Upload: []string{"gradient"}}, []string{"gradient"}},
		{"values alone", Assignment{Recipe: Score{Column: "c"}}, nil},
		{"a column", Assignment{Recipe: Score{Column: "c"}, Upload: []string{"c"}}, []string{"c"}},
		{"no examples", Assignment{Recipe: Sample{Into: "s"}}, nil},
	} {
		before := slices.Clone(x.a.Upload)
		got := x.a.Makes()
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: %q; %q was expected", x.says, got, x.want)
		}
		for i := range got {
			got[i] = "changed"
		}
		if !slices.Equal(x.a.Upload, before) {
			t.Errorf("%s: it is not new memory", x.says)
		}
	}
}
