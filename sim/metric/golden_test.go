package metric_test

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/sim/metric"
)

// The measures of continual learning, by the names of the golden cases of methods.
func TestGoldenMeasures(t *testing.T) {
	linalgtest.Cases(t, "lora/cl", func(name string) bool { return name == "metrics" }, func(t *testing.T, g *linalgtest.Case) {
		r, rows := g.Get(t, "R"), [][]float64{}
		for i := range r.Rows {
			rows = append(rows, r.Row(i))
		}
		m, err := metric.NewTasks(rows, g.Get(t, "b").Data, g.Get(t, "m").Data)
		if err != nil {
			t.Fatal(err)
		}
		n := float64(r.Rows)
		for name, v := range map[string]float64{"acc": m.ACC(), "bwt": m.BWT(), "forgetting": m.Forgetting(metric.Ever), "forgetting_before_last": m.Forgetting(metric.BeforeLast),
			"fwt": m.FWT(), "sapt_bwt": m.BWT() * (n - 1) / n, "sapt_fwt": m.LearningGain()} {
			g.Check(t, name, []float64{v})
		}
		last := make([]float64, r.Rows)
		for j, v := range r.Row(r.Rows - 1) {
			last[j] = v / g.Get(t, "m").Data[j]
		}
		g.Check(t, "normalised", last)
		g.Done(t)
	})
}

func TestGoldenContinual(t *testing.T) {
	var file struct {
		Cases []struct {
			Name   string
			R      [][]float64
			B, M   []float64
			Expect map[string]linalgtest.Answer
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/continual.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			m, err := metric.NewTasks(c.R, c.B, c.M)
			if err != nil {
				t.Fatal(err)
			}
			n := float64(len(c.R))
			bwtOverT := 0.0 // the same sum over T: 0 of one task
			if n > 1 {
				bwtOverT = m.BWT() * (n - 1) / n
			}
			of := map[string]float64{"average_accuracy": m.ACC(), "learning_accuracy": m.Learning(), "average_incremental_accuracy": m.Incremental(),
				"bwt": m.BWT(), "bwt_over_T": bwtOverT, "fwt": m.FWT(), "fwt_learning_minus_single": m.LearningGain(),
				"forgetting_max_before_last": m.Forgetting(metric.BeforeLast), "forgetting_max_since_learned": m.Forgetting(metric.SinceLearned),
				"forgetting_max_all": m.Forgetting(metric.Ever), "intransigence": m.Intransigence(), "normalised": m.Normalised()}
			for name, want := range c.Expect {
				got, ok := of[name]
				if !ok {
					t.Errorf("unknown number %q", name)
					continue
				}
				want.Check(t, name, got, nil)
			}
		})
	}
}

func TestTasksRefuseWhatDoesNotFit(t *testing.T) {
	for name, make := range map[string]func() (metric.Tasks, error){
		"none":       func() (metric.Tasks, error) { return metric.NewTasks(nil, nil, nil) },
		"not square": func() (metric.Tasks, error) { return metric.NewTasks([][]float64{{1, 2}}, nil, nil) },
		"short list": func() (metric.Tasks, error) {
			return metric.NewTasks([][]float64{{1, 2}, {3, 4}}, []float64{1}, nil)
		},
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestGoldenInequality(t *testing.T) {
	var file struct {
		Cases []struct {
			Name   string
			X      []linalgtest.Number
			Expect map[string]linalgtest.Answer
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/inequality.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			s := metric.SharesOf(linalgtest.Numbers(c.X))
			of := map[string]float64{"jain": s.Jain, "gini": s.Gini, "cv_population": s.CV, "worst_decile_mean": s.Worst}
			for name, want := range c.Expect {
				got, ok := of[name]
				if !ok {
					t.Errorf("unknown number %q", name)
					continue
				}
				want.Check(t, name, got, nil)
			}
		})
	}
}
