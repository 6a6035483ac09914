package metric_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
)

// answers of three classes in two groups, with the scores that led to them.
func answers() []metric.Said {
	names := []string{"a", "b", "c"}
	var out []metric.Said
	for i, x := range []struct {
		truth, class, own, group string
		scores                   []float64
	}{
		{"a", "a", "a", "s=0", []float64{-1, -2, -3}}, {"a", "b", "a", "s=1", []float64{-2, -1, -4}},
		{"b", "b", "b", "s=0", []float64{-3, -1, -2}}, {"b", "b", "b", "s=1", []float64{-2, -1, -2}},
		{"c", "c", "c", "s=0", []float64{-5, -4, -1}}, {"c", "a", "c", "s=1", []float64{-1, -3, -2}},
		{"a", "a", "a", "s=1", []float64{0, -9, -9}},
	} {
		if len(x.scores) != len(names) {
			panic(i)
		}
		out = append(out, metric.Said{Group: x.group, Truth: x.truth, Class: x.class, Own: x.own, Names: names, Scores: x.scores})
	}
	return out
}

func find(t *testing.T, vs []method.Value, name, group string) method.Value {
	t.Helper()
	i := slices.IndexFunc(vs, func(v method.Value) bool { return v.Name == name && v.Group == group })
	if i < 0 {
		t.Fatalf("no %s of group %q in %v", name, group, vs)
	}
	return vs[i]
}

// Gaps between groups by hand, average precision and errors of ratings, whole and joined from
// parts; and what data do not allow, with the cure.
func TestGapsPrecisionAndRatings(t *testing.T) {
	names := []string{metric.EODWorst, metric.EODMean, metric.Parity, metric.AvgPrecision}
	vs, err := metric.OfClasses(names, answers())
	if err != nil {
		t.Fatal(err)
	}
	// Gaps of (TPR, FPR, share) between s=0 and s=1: a (½, ½, ⅙), b (0, ⅓, ⅙), c (1, 0, ⅓).
	for name, want := range map[string]float64{metric.EODWorst: (0.5 + 1.0/3 + 1) / 3, metric.EODMean: (0.5 + 1.0/6 + 0.5) / 3, metric.Parity: (1.0/6 + 1.0/6 + 1.0/3) / 3} {
		near(t, name, find(t, vs, name, "").Value, want, 1e-12)
		if slices.ContainsFunc(vs, func(v method.Value) bool { return v.Name == name && v.Group != "" }) {
			t.Errorf("%s of one group alone", name)
		}
	}
	if v := find(t, vs, metric.AvgPrecision, ""); !(v.Value > 0.5 && v.Value < 1) || v.Weight != 7 {
		t.Errorf("average precision is %+v", v)
	}
	var parts []method.Value
	for _, part := range [][]metric.Said{answers()[:3], answers()[3:]} {
		p, err := metric.OfClasses(metric.Parts(names), part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, p...)
	}
	joined, err := metric.Judged(names, parts)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		near(t, name+" of parts", find(t, joined, name, "").Value, find(t, vs, name, "").Value, 1e-12)
	}
	stars := []metric.Said{{Truth: "5", Class: "4"}, {Truth: "1", Class: "1"}, {Truth: "2", Class: "5"}}
	vs, err = metric.OfClasses([]string{metric.MAE, metric.RMSE}, stars)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mae", find(t, vs, metric.MAE, "").Value, 4.0/3, 1e-12)
	near(t, "rmse", find(t, vs, metric.RMSE, "").Value, math.Sqrt(10.0/3), 1e-12)
	for name, want := range map[string]string{metric.MAE: `the class "a" is no number`, metric.EODMean: "write `by: [COLUMN]`"} {
		bare := answers()
		for i := range bare {
			bare[i].Group = ""
		}
		if _, err := metric.OfClasses([]string{name}, bare); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMetricsOfClasses(t *testing.T) {
	all := []string{metric.ClassRight, metric.ClassOwn, metric.MacroF1, metric.MCC, metric.AUROC, metric.WorstCell}
	vs, err := metric.OfClasses(all, answers())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, group  string
		want, weight float64
	}{
		{metric.ClassRight, "", 5.0 / 7, 7}, {metric.ClassRight, "s=0", 1, 3}, {metric.ClassRight, "s=1", 0.5, 4}, {metric.ClassOwn, "", 1, 7},
		// By hand: F1 of a 2·2/(3+3), of b 2·2/(3+2), of c 2·1/(1+2).
		{metric.MacroF1, "", (4.0/6 + 4.0/5 + 2.0/3) / 3, 7},
		{metric.MCC, "", (5.0*7 - 17) / math.Sqrt((49-19)*(49-17)), 7},
		{metric.WorstCell, "", 0, 7}, {metric.WorstCell, "s=0", 1, 3},
	} {
		v := find(t, vs, c.name, c.group)
		near(t, c.name+c.group, v.Value, c.want, 1e-12)
		near(t, c.name+c.group+" weight", v.Weight, c.weight, 0)
	}
	// Of a against the rest: shares of a over those of the others. Counted by hand: 11 of 12
	// pairs for a, 10 of 10 for b, 8 of 10 for c.
	share := func(s []float64, k int) float64 {
		sum := 0.0
		for _, x := range s {
			sum += math.Exp(x)
		}
		return math.Exp(s[k]) / sum
	}
	want := 0.0
	for k, class := range []string{"a", "b", "c"} {
		pairs, right := 0.0, 0.0
		for _, p := range answers() {
			for _, n := range answers() {
				if p.Truth != class || n.Truth == class {
					continue
				}
				pairs++
				switch x, y := share(p.Scores, k), share(n.Scores, k); {
				case math.Abs(x-y) < 1e-12:
					right += 0.5
				case x > y:
					right++
				}
			}
		}
		want += right / pairs / 3
	}
	near(t, "auroc", find(t, vs, metric.AUROC, "").Value, want, 1e-12)
}

// Metrics that are no means come out the same however the test set is cut.
func TestClassesByParts(t *testing.T) {
	names := []string{metric.MacroF1, metric.MCC, metric.AUROC, metric.WorstCell}
	want, err := metric.OfClasses(names, answers())
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(answers()) + 1 {
		var parts []method.Value
		for _, part := range [][]metric.Said{answers()[:cut], answers()[cut:]} {
			vs, err := metric.OfClasses(metric.Parts(names), part)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, vs...)
		}
		got, err := metric.Judged(names, parts)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("cut at %d: %v, %v\nwant %v", cut, got, err, want)
		}
	}
	if _, err := metric.Judged(names, []method.Value{{Name: "tally.said", Group: "a"}}); err == nil {
		t.Error("a tally without its words was judged")
	}
}
