package train_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/train"
)

var allMetrics = []string{"loss", "perplexity", "accuracy", "exact-match"}

// A score is the sums over its examples, each as the model alone would answer it.
func TestScoreByHand(t *testing.T) {
	r := newRig(t)
	b := r.world.Bases[0]
	rep := r.do(2, 0, method.Score{Model: main, Metrics: allMetrics, By: []string{"topic"}})
	rows, err := r.world.Rows(0, method.ID{Pool: "client", Index: 2}, "train")
	if err != nil {
		t.Fatal(err)
	}
	run := nn.NewRunner(b.Model)
	sums, exact, of := map[string]nn.Loss{}, map[string]float64{}, map[string]float64{}
	for _, row := range rows {
		s, _, err := r.world.Sequence(b, row, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Forward(nn.Batch{IDs: [][]int32{s.IDs}, Labels: [][]int32{s.Labels}}); err != nil {
			t.Fatal(err)
		}
		l, _ := run.Loss()
		for _, group := range []string{"", "topic=" + row.Example().Columns["topic"]} {
			x := sums[group]
			sums[group] = nn.Loss{Sum: x.Sum + l.Sum, Count: x.Count + l.Count, Correct: x.Correct + l.Correct}
			of[group]++
			if l.Correct == l.Count {
				exact[group]++
			}
		}
	}
	if rep.Examples != rowsEach || len(rep.Values) != len(allMetrics)*len(sums) || len(sums) < 3 {
		t.Errorf("%d examples, %d values in %d groups", rep.Examples, len(rep.Values), len(sums))
	}
	for group, l := range sums {
		for name, want := range map[string][2]float64{
			"loss": {l.Mean(), float64(l.Count)}, "perplexity": {math.Exp(l.Mean()), float64(l.Count)},
			"accuracy": {float64(l.Correct) / float64(l.Count), float64(l.Count)}, "exact-match": {exact[group] / of[group], of[group]},
		} {
			if v := value(t, rep, name, group); v.Value != want[0] || v.Weight != want[1] {
				t.Errorf("%s of %q is %v over %v, expected %v", name, group, v.Value, v.Weight, want)
			}
		}
	}
	var groups []string
	for _, v := range rep.Values {
		if v.Name == "loss" {
			groups = append(groups, v.Group)
		}
	}
	if !slices.IsSorted(groups) {
		t.Errorf("groups come as %q", groups)
	}
}

// The chunks of an evaluation, joined by weight, are the whole.
func TestChunksAddUpToTheWhole(t *testing.T) {
	r := newRig(t, "data.phrases.with.test=70")
	score := func(chunk int) method.Score {
		source := method.Source{Name: fmt.Sprintf("evaluate/0/%d", chunk)}
		return method.Score{Model: main, Metrics: allMetrics, By: []string{"topic"}, Data: method.Data{From: []method.Source{source}}}
	}
	var chunks []method.Value
	examples := 0
	for n := range r.world.Chunks(0) {
		out, err := r.work(method.WorkRequest{Whom: method.ID{Pool: coordinator.EvaluationPool, Index: n}, Draws: []uint64{0},
			Assign: []method.Assignment{{Name: "evaluate", Recipe: score(n)}}})
		if err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, out.Reports[0].Values...)
		examples += out.Reports[0].Examples
	}
	if examples != 70 || r.world.Chunks(0) != 3 {
		t.Fatalf("%d examples in %d chunks", examples, r.world.Chunks(0))
	}
	joined := method.Report{Values: coordinator.Combine(chunks)}
	for _, name := range allMetrics {
		whole := value(t, joined, name, "")
		var sum, weight float64
		for _, v := range joined.Values {
			if v.Name != name || v.Group == "" {
				continue
			}
			x := v.Value
			if name == "perplexity" {
				x = math.Log(x)
			}
			sum, weight = sum+v.Weight*x, weight+v.Weight
		}
		mean := sum / weight
		if name == "perplexity" {
			mean = math.Exp(mean)
		}
		want := map[bool]float64{true: 70, false: 70 * labelsEach}[name == "exact-match"]
		if whole.Weight != want || weight != want || math.Abs(mean-whole.Value) > 1e-12*whole.Value {
			t.Errorf("%s: %v over %v as a whole, %v over %v from its groups", name, whole.Value, whole.Weight, mean, weight)
		}
	}
}

func TestScoresThatCannotBe(t *testing.T) {
	r := newRig(t)
	for want, s := range map[string]method.Score{
		`no set "history"`:           {Model: main, Metrics: []string{"loss"}, Data: method.Data{From: []method.Source{{Name: "history"}}}},
		`no example in "valid"`:      {Model: main, Metrics: []string{"loss"}, Data: method.Data{From: []method.Source{{Name: "valid"}}}},
		`unknown metric "los"`:       {Model: main, Metrics: []string{"los"}},
		"cannot be asked of a model": {Model: main, Metrics: []string{"bytes.up"}},
		`the column "s"`:             {Model: main, Metrics: []string{"loss"}, By: []string{"topic", "s"}},
		`no base "other"`:            {Model: method.Model{Base: "other"}, Metrics: []string{"loss"}},
		"no such blob":               {Model: attach(method.Attach{From: method.From{Blob: "cafe"}}), Metrics: []string{"loss"}},
		"no such blob: \"feed\"":     {Model: attach(method.Attach{From: method.From{Blob: "feed"}, Merge: true}), Metrics: []string{"loss"}},
	} {
		if _, err := r.try(0, 0, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
}

// attach is the base with attachments at the scale of their training.
func attach(list ...method.Attach) method.Model {
	m := main
	for i, a := range list {
		if a.Scale == 0 {
			a.Scale = 1
		}
		a.Name = fmt.Sprint("a", i)
		m.Attach = append(m.Attach, a)
	}
	return m
}

// loss of a model on the examples of a client.
func (r rig) loss(with *train.Trainer, m method.Model) float64 {
	r.t.Helper()
	r.train = with
	return value(r.t, r.do(0, 0, method.Score{Model: m, Metrics: []string{"loss"}}), "loss", "").Value
}
