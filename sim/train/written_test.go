package train_test

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
)

// A text score is the mean of what each example's own greedy answer gets, whatever stands
// beside it in the batch.
func TestTextScoresByHand(t *testing.T) {
	names := []string{"rouge-1", "rouge-2", "rouge-l", "answer-match"}
	r := newRig(t)
	b := r.world.Bases[0]
	rep := r.do(2, 0, method.Score{Model: main, Metrics: append([]string{"loss"}, names...), By: []string{"topic"}})
	rows, err := r.world.Rows(0, method.ID{Pool: "client", Index: 2}, "train")
	if err != nil {
		t.Fatal(err)
	}
	run := nn.NewRunner(b.Model)
	sums := map[string]*metric.Sum{}
	texts := ""
	for _, row := range rows {
		s, _, err := r.world.Sequence(b, row, false)
		if err != nil {
			t.Fatal(err)
		}
		end := 0
		for s.Labels[end] == nn.Ignore {
			end++
		}
		d := nn.Decode{Tokens: min(64, b.Context-end)}
		if id, ok := b.Tokenizer.EOS(); ok {
			d.Stop = []int{int(id)}
		}
		said, err := run.Generate([][]int32{s.IDs[:end]}, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer := b.Tokenizer.Decode(said[0].IDs, true)
		texts += answer
		w := metric.Judge(row.Example().Answer, answer)
		for _, group := range []string{"", "topic=" + row.Example().Columns["topic"]} {
			if sums[group] == nil {
				sums[group] = &metric.Sum{}
			}
			sums[group].AddWritten(w)
		}
	}
	for group, s := range sums {
		for _, name := range names {
			want, weight, err := s.Value(name)
			if err != nil {
				t.Fatal(err)
			}
			if v := value(t, rep, name, group); v.Value != want || v.Weight != weight {
				t.Errorf("%s of %q is %v over %v, expected %v over %v", name, group, v.Value, v.Weight, want, weight)
			}
		}
	}
	if texts == "" {
		t.Error("nothing was written: the test shows nothing")
	}
}
