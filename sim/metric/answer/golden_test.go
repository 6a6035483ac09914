package answer_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/sim/metric/answer"
)

// label is a class of the files, a number or a text, as text.
type label string

func (l *label) UnmarshalJSON(b []byte) error {
	*l = label(strings.Trim(string(b), `"`))
	return nil
}

func texts(ls []label) []string {
	if ls == nil {
		return nil
	}
	out := make([]string, len(ls))
	for i, l := range ls {
		out[i] = string(l)
	}
	return out
}

func TestGoldenClassification(t *testing.T) {
	var file struct {
		Cases []struct {
			Name   string
			Truth  []label `json:"y_true"`
			Said   []label `json:"y_pred"`
			Labels []label
			Expect map[string]linalgtest.Answer
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/classification.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if strings.Contains(fmt.Sprint(c.Truth, c.Said), "NaN") {
				t.Skip("classes are text here: NaN is a word like any other, where the library refuses it")
			}
			counts, err := answer.Confuse(texts(c.Truth), texts(c.Said), texts(c.Labels))
			for name, want := range c.Expect {
				classCase(t, name, want, counts, err)
			}
		})
	}
}

func classCase(t *testing.T, name string, want linalgtest.Answer, c *answer.Confusion, err error) {
	single := map[string]func() float64{
		"accuracy": func() float64 { return c.Accuracy() }, "balanced_accuracy": func() float64 { return c.BalancedAccuracy() },
		"mcc": func() float64 { return c.MCC() }, "cohen_kappa": func() float64 { return c.Kappa() },
		"f1_macro": func() float64 { return c.MacroF1(0) }, "f1_micro": func() float64 { return c.MicroF1() }, "f1_weighted": func() float64 { return c.WeightedF1() },
		"precision_macro": func() float64 { return c.Macro(c.Precision) }, "recall_macro": func() float64 { return c.Macro(c.Recall) },
		"f1_macro_zero_division_1": func() float64 { return c.MacroF1(1) }, "f1_macro_zero_division_nan": func() float64 { return c.MacroF1(math.NaN()) },
	}
	if of, ok := single[name]; ok {
		got := 0.0
		if err == nil {
			got = of()
		}
		want.Check(t, name, got, err)
		return
	}
	if err != nil {
		if !want.Failed && name != "labels_used" { // the list is known without an answer
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	listCase(t, name, want, c)
}

func listCase(t *testing.T, name string, want linalgtest.Answer, c *answer.Confusion) {
	per := func(of func(int) float64) {
		var list []linalgtest.Number
		want.Into(t, &list)
		if len(list) != len(c.Labels) {
			t.Fatalf("%s: %d labels, want %d", name, len(c.Labels), len(list))
		}
		for i, v := range list {
			linalgtest.Near(t, fmt.Sprintf("%s[%d]", name, i), of(i), float64(v))
		}
	}
	switch name {
	case "confusion":
		got, _ := json.Marshal(c.Count)
		if string(got) != strings.ReplaceAll(string(want.Value), " ", "") {
			t.Errorf("confusion %s, want %s", got, want.Value)
		}
	case "labels_used":
		var list []label
		want.Into(t, &list)
		if got := strings.Join(c.Labels, " "); got != strings.Join(texts(list), " ") {
			t.Errorf("labels %q, want %q", c.Labels, list)
		}
	case "f1_per_class":
		per(func(i int) float64 { return c.F1(i, 0) })
	case "precision_per_class":
		per(c.Precision)
	case "recall_per_class":
		per(c.Recall)
	default:
		t.Errorf("unknown number %q", name)
	}
}

func TestGoldenRanking(t *testing.T) {
	var file struct {
		Cases []struct {
			Name        string
			Truth       []int `json:"y_true"`
			Score       []linalgtest.Number
			Probability [][]float64
			Expect      map[string]linalgtest.Answer
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/ranking.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			var of map[string]func() float64
			var err error
			if c.Probability != nil {
				var r answer.Classes
				r, err = answer.RankClasses(c.Truth, c.Probability)
				of = map[string]func() float64{"auroc_ovr_macro": func() float64 { return r.AUROC(false) }, "auroc_ovr_weighted": func() float64 { return r.AUROC(true) },
					"auroc_ovo_macro": r.PairwiseAUROC, "log_loss": r.LogLoss}
			} else {
				positive := make([]bool, len(c.Truth))
				for i, y := range c.Truth {
					positive[i] = y == 1
				}
				var r answer.Ranked
				r, err = answer.Rank(positive, linalgtest.Numbers(c.Score))
				of = map[string]func() float64{"auroc": r.AUROC, "average_precision": r.AveragePrecision, "log_loss": r.LogLoss, "brier": r.Brier}
			}
			checkAll(t, c.Expect, of, err)
		})
	}
}

func checkAll(t *testing.T, expect map[string]linalgtest.Answer, of map[string]func() float64, err error) {
	t.Helper()
	for name, want := range expect {
		f, ok := of[name]
		if !ok {
			t.Errorf("unknown number %q", name)
			continue
		}
		got := 0.0
		if err == nil {
			got = f()
		}
		want.Check(t, name, got, err)
	}
}

func TestGoldenRegression(t *testing.T) {
	var file struct {
		Cases []struct {
			Name    string
			Truth   []linalgtest.Number `json:"y_true"`
			Said    []linalgtest.Number `json:"y_pred"`
			Answers []string
			Expect  map[string]linalgtest.Answer
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/regression.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			truth, said := linalgtest.Numbers(c.Truth), linalgtest.Numbers(c.Said)
			if c.Answers != nil { // ratings of 1 to 5, as text
				var want []float64
				c.Expect["taken_as"].Into(t, &want)
				delete(c.Expect, "taken_as")
				said = make([]float64, len(c.Answers))
				for i, a := range c.Answers {
					said[i] = answer.Rating(truth[i], a, 1, 5)
					linalgtest.Near(t, "taken as", said[i], want[i])
				}
			}
			e, err := answer.Compare(truth, said)
			checkAll(t, c.Expect, map[string]func() float64{"mean_absolute_error": e.MAE, "mean_squared_error": e.MSE, "root_mean_squared_error": e.RMSE,
				"median_absolute_error": e.MedianAE, "max_error": e.MaxError, "r2_score": e.R2}, err)
		})
	}
}

func TestGoldenFairness(t *testing.T) {
	var file struct {
		Cases []struct {
			Name   string
			Truth  []label `json:"y_true"`
			Said   []label `json:"y_pred"`
			Group  []string
			Expect map[string]json.RawMessage
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/fairness.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			truth, said := texts(c.Truth), texts(c.Said)
			read := func(key string) (out map[string]linalgtest.Answer) {
				if c.Expect[key] != nil {
					if err := json.Unmarshal(c.Expect[key], &out); err != nil {
						t.Fatal(err)
					}
				}
				return out
			}
			g, err := answer.ByGroup(truth, said, c.Group, "1")
			if strings.Contains(fmt.Sprint(said), "NaN") {
				t.Skip("answers are text here: NaN is a word like any other, where the library fails on it")
			}
			for name, want := range read("fairlearn") {
				fairCase(t, name, want, g, err, answer.AsNought)
			}
			for name, want := range read("by_hand") {
				fairCase(t, name, want, g, err, answer.LeftOut)
			}
			if per := read("eod_mean_per_class"); per != nil {
				severalClasses(t, truth, said, c.Group, per, c.Expect)
			}
		})
	}
}

func severalClasses(t *testing.T, truth, said, group []string, per map[string]linalgtest.Answer, expect map[string]json.RawMessage) {
	sum := 0.0
	for class, want := range per {
		g, err := answer.ByGroup(truth, said, group, class)
		if err != nil {
			t.Fatal(err)
		}
		want.Check(t, "class "+class, g.EODMean(answer.AsNought), nil)
		sum += g.EODMean(answer.AsNought)
	}
	var macro, worst float64
	for name, to := range map[string]*float64{"eod_mean_macro": &macro, "worst_group_accuracy": &worst} {
		if err := json.Unmarshal(expect[name], to); err != nil {
			t.Fatal(err)
		}
	}
	linalgtest.Near(t, "macro", sum/float64(len(per)), macro)
	g, _ := answer.ByGroup(truth, said, group, "0")
	low, _ := g.Accuracies()
	linalgtest.Near(t, "worst group", low, worst)
}

func fairCase(t *testing.T, name string, want linalgtest.Answer, g *answer.Groups, err error, how answer.Undefined) {
	if err != nil {
		if !want.Failed {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	low, high := g.Accuracies()
	single := map[string]float64{
		"demographic_parity_difference": g.DemographicParity(), "dp": g.DemographicParity(), "demographic_parity_difference_to_overall": g.DemographicParityToAll(),
		"demographic_parity_ratio": g.DemographicParityRatio(), "equal_opportunity_difference": g.EqualOpportunity(how), "eop": g.EqualOpportunity(how),
		"equalized_odds_difference_worst_case": g.EODWorst(how), "eod_max": g.EODWorst(how), "equalized_odds_difference_mean": g.EODMean(how), "eod_mean": g.EODMean(how),
		"equalized_odds_ratio": g.EODRatio(how), "worst_group_accuracy": low, "worst_cell_accuracy": g.WorstCell(),
	}
	if got, ok := single[name]; ok {
		want.Check(t, name, got, nil)
		return
	}
	group := func(of func(answer.Rates) float64, absent float64) {
		var each map[string]linalgtest.Number
		want.Into(t, &each)
		for k, v := range each {
			got := of(g.Of[k])
			if math.IsNaN(got) {
				got = absent
			}
			linalgtest.Near(t, name+" of "+k, got, float64(v))
		}
	}
	switch name {
	case "selection_rate_by_group":
		group(func(r answer.Rates) float64 { return r.Selected }, 0)
	case "tpr_by_group":
		group(func(r answer.Rates) float64 { return r.TPR }, 0)
	case "fpr_by_group":
		group(func(r answer.Rates) float64 { return r.FPR }, 0)
	case "accuracy_frame":
		var f struct {
			Min        linalgtest.Number `json:"group_min"`
			Max        linalgtest.Number `json:"group_max"`
			Difference linalgtest.Number
			Ratio      linalgtest.Number
		}
		want.Into(t, &f)
		linalgtest.Near(t, "least", low, float64(f.Min))
		linalgtest.Near(t, "greatest", high, float64(f.Max))
		linalgtest.Near(t, "difference", high-low, float64(f.Difference))
		linalgtest.Near(t, "ratio", low/high, float64(f.Ratio))
	case "rates":
		ratesCase(t, want, g)
	case "cell_accuracy":
		var cells map[string]float64
		want.Into(t, &cells)
		if len(cells) != len(g.Cells) {
			t.Errorf("%d cells, want %d", len(g.Cells), len(cells))
		}
		for c, got := range g.Cells {
			linalgtest.Near(t, "cell", got, cells["y="+c.Class+",group="+c.Group])
		}
	case "undefined_rates": // words
	default:
		t.Errorf("unknown number %q", name)
	}
}

func ratesCase(t *testing.T, want linalgtest.Answer, g *answer.Groups) {
	var each map[string]struct {
		N                  int
		Accuracy, Tpr, Fpr linalgtest.Number
		Selected           linalgtest.Number `json:"selection_rate"`
	}
	want.Into(t, &each)
	for k, v := range each {
		r := g.Of[k]
		if r.N != v.N {
			t.Errorf("%s: %d, want %d", k, r.N, v.N)
		}
		linalgtest.Near(t, "accuracy of "+k, r.Accuracy, float64(v.Accuracy))
		linalgtest.Near(t, "selected of "+k, r.Selected, float64(v.Selected))
		linalgtest.Near(t, "TPR of "+k, r.TPR, float64(v.Tpr))
		linalgtest.Near(t, "FPR of "+k, r.FPR, float64(v.Fpr))
	}
}
