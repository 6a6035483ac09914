package metric_test

import (
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/metric/text"
)

var (
	wanted = []string{"the cat sat on the mat", "a dog barked at the old man", "rain, again", "no", "the cat sat on the mat"}
	wrote  = []string{"the cat sat on a mat", "the dog barked at the man", "again rain", "", "mat the on sat cat the"}
)

// sumOf judges some of the answers.
func sumOf(which ...int) *metric.Sum {
	s := &metric.Sum{}
	for _, i := range which {
		s.AddWritten(metric.Judge(wanted[i], wrote[i]))
	}
	return s
}

// corpus is what the texts score together, by the functions that golden answers hold to.
func corpus(t *testing.T, which ...int) (bleu, chrf float64) {
	t.Helper()
	var said, want []string
	for _, i := range which {
		said, want = append(said, wrote[i]), append(want, wanted[i])
	}
	b, err := text.BLEU{}.Corpus(said, [][]string{want})
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.ChrF(said, [][]string{want})
	if err != nil {
		t.Fatal(err)
	}
	return b.Value, c
}

// A test set that is measured in parts has the score of the whole, over all, in each group and
// of each participant; nothing written scores nothing.
func TestCorpusScoresJoin(t *testing.T) {
	names := []string{metric.Loss, metric.BLEU, metric.ChrF}
	var values []method.Value
	for _, part := range [][]int{{0, 1}, {2, 3, 4}, {}} {
		for _, tally := range metric.Parts(names) {
			counts, is := sumOf(part...).Counts(tally, "")
			if is == (tally == metric.Loss) {
				t.Fatalf("%s: %v", tally, is)
			}
			values = append(values, counts...)
			if len(part) != 2 {
				continue
			}
			for _, v := range counts {
				one, is := metric.OfOne(v, "client/7")
				if !is {
					t.Fatalf("%+v is not over all", v)
				}
				values = append(values, one)
			}
			inGroup, _ := sumOf(1).Counts(tally, "y=1")
			for _, v := range inGroup {
				if _, is := metric.OfOne(v, "client/7"); is {
					t.Errorf("%+v is over all", v)
				}
			}
			values = append(values, inGroup...)
		}
	}
	values = append(values, method.Value{Name: metric.Loss, Value: 2, Weight: 3})
	got, err := metric.Judged(names, values)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Name != metric.Loss || got[0].Value != 2 {
		t.Errorf("other values do not come first: %+v", got[0])
	}
	for group, which := range map[string][]int{"": {0, 1, 2, 3, 4}, "client/7": {0, 1}, "y=1": {1}} {
		bleu, chrf := corpus(t, which...)
		for name, want := range map[string]float64{metric.BLEU: bleu, metric.ChrF: chrf} {
			v := find(t, got, name, group)
			near(t, name+" of "+group, v.Value, want, 0)
			near(t, name+" weight", v.Weight, float64(len(which)), 0)
			alone, _, err := sumOf(which...).Value(name)
			if err != nil || alone != want {
				t.Errorf("%s of %q by a sum is %g, %v; want %g", name, group, alone, err, want)
			}
		}
	}
	if v, w, err := (&metric.Sum{}).Value(metric.BLEU); v != 0 || w != 0 || err != nil {
		t.Errorf("BLEU of nothing: %g, %g, %v", v, w, err)
	}
	for _, group := range []string{"", "\x1f99", "\x1f-1", "\x1fx"} {
		if _, err := metric.Judged(names, []method.Value{{Name: "tally.words", Group: group, Value: 1, Weight: 1}}); err == nil {
			t.Errorf("a count %q is read", group)
		}
	}
}
