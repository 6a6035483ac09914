package claims

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/results/stat"
)

// What was tuned is not tuned again, for whatever claim, and what is not the same is.
func TestTuningIsKept(t *testing.T) {
	score := func(arm string, lr float64, seed uint64) float64 { return lr + wobble(seed) + float64(len(arm)) }
	kept := memory{}
	c := claim(Superiority, 0.001, 0.01, 0.1)
	try := func(c Claim) (Outcome, []string) {
		d := &desk{score: score}
		o, err := c.Try(t.Context(), d, How{Memory: kept})
		if err != nil {
			t.Fatal(err)
		}
		return o, d.asked
	}
	first, asked := try(c)
	if cost := first.TuningCost(); len(asked) != 2 || cost != (Cost{12, 24, 120}) || first.Seconds != 32 {
		t.Errorf("runs %v, tuning %+v, the rest %g s", asked, cost, first.Seconds)
	}
	for _, words := range kept {
		if text, ok := KeptTuning(words); !ok || !strings.Contains(text, "with.lr by valid.loss, best 0.001, from 6 trials in 12 s") {
			t.Errorf("what is kept is told as %q", text)
		}
	}
	c.ID, c.Seeds = "Y", "9..16"
	again, asked := try(c)
	if len(asked) != 1 || !again.Tuning[0].Kept || again.TuningCost() != first.TuningCost() || again.Tuning[1].Best != first.Tuning[1].Best {
		t.Errorf("tuned again: runs %v, tuning %+v", asked, again.Tuning)
	}
	c.Grid.Seeds = "101..103"
	if _, asked := try(c); len(asked) != 2 {
		t.Errorf("other seeds to tune by took what is kept: runs %v", asked)
	}
	for key := range kept {
		kept[key] = []byte("something else")
	}
	if _, asked := try(c); len(asked) != 2 {
		t.Errorf("what is damaged was taken: runs %v", asked)
	}
}

// Where queries differ much from one another, resampling them widens the interval; the
// difference is the same.
func TestQueriesAreResampledWithinSeeds(t *testing.T) {
	score := func(arm string, _ float64, seed uint64) float64 {
		return float64(len(strings.TrimRight(arm, "b"))) + wobble(seed*3+uint64(arm[0]))
	}
	for _, name := range []string{"test.loss", "auc.test.loss"} {
		c := claim(Superiority)
		c.Measure = name
		flat, err := c.Try(t.Context(), &desk{score: score}, How{})
		if err != nil {
			t.Fatal(err)
		}
		c.Within = "example"
		deep, err := c.Try(t.Context(), &desk{score: score}, How{})
		if err != nil {
			t.Fatal(err)
		}
		if *deep.Difference != *flat.Difference || deep.Interval[1]-deep.Interval[0] < 5*(flat.Interval[1]-flat.Interval[0]) {
			t.Errorf("%s: %g in %v, and within queries %g in %v", name, *flat.Difference, flat.Interval, *deep.Difference, deep.Interval)
		}
		c.Within = "topic"
		if _, err := c.Try(t.Context(), &desk{score: score}, How{}); err == nil || !strings.Contains(err.Error(), `"by: [topic]"`) {
			t.Errorf("a column that nobody measured by: %v", err)
		}
	}
}

func TestInputsAreWhatWasRegistered(t *testing.T) {
	c := claim(Superiority)
	c.Inputs = []Input{{Name: "small", Set: "bases.main.hf", Is: "a small model", Blob: "aaaa"}}
	score := func(string, float64, uint64) float64 { return 1 }
	if _, err := c.Try(t.Context(), &desk{score: score, base: "aaaa"}, How{}); err != nil {
		t.Error(err)
	}
	if _, err := c.Try(t.Context(), &desk{score: score, base: "bbbb"}, How{}); err == nil || !strings.Contains(err.Error(), "--set bases.main.hf=DIR") {
		t.Errorf("another base: %v", err)
	}
	if n := c.Needed([]string{"bases.main.hf=elsewhere"}); len(n) != 0 {
		t.Errorf("what was laid over is needed: %v", n)
	}
	if _, err := c.Try(t.Context(), &desk{score: score, base: "bbbb"}, How{Sets: []string{"bases.main.hf=elsewhere"}}); err != nil {
		t.Errorf("another base on purpose: %v", err)
	}
}

// More seeds are asked for where seeds are what is missing, and more questions where those are.
func TestWhatIsMissingIsNamed(t *testing.T) {
	var h, own stat.Hierarchy
	for seed := range 8 {
		shift := 0.02 * wobble(uint64(seed))
		var units []stat.Unit
		for i, x := range []float64{-1, 1.2, -0.4, 0.3} {
			units = append(units, stat.Unit{Value: x + shift, Weight: 1, Name: fmt.Sprint(i)})
		}
		h = append(h, units)
		own = append(own, []stat.Unit{{Value: []float64{1, -1}[seed%2] + shift, Weight: 1}})
	}
	ask := stat.Usual(false, 0.01, rng.New(1).At("test"))
	if text := missing(stat.Compare(h, ask)); !strings.Contains(text, "questions") {
		t.Error(text)
	}
	if text := missing(stat.Compare(own, ask)); !strings.Contains(text, "seeds would find") {
		t.Error(text)
	}
}
