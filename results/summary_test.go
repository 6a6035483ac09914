package results_test

import (
	"bytes"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/resultstest"
)

func read(t *testing.T, s resultstest.Shape) *results.Run {
	t.Helper()
	r, err := results.Read(resultstest.Make(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSummarySortsByTheFirstScore(t *testing.T) {
	s := read(t, resultstest.Small).Summarise()
	var names []string
	for _, a := range s.Arms {
		names = append(names, a.Method)
	}
	if got := strings.Join(names, " | "); got != "<zeropad> & co | fedit | flora" || s.Sorted != "by mean test.loss, lowest first" {
		t.Errorf("order %s, %s", got, s.Sorted)
	}
	if len(s.Scores) != 2 || s.Scores[0].Higher || !s.Scores[1].Higher {
		t.Errorf("scores %+v", s.Scores)
	}
}

// The fixture's loss is 3.1 − 0.15(a+1)√3 + 0.06·seed for arm a after three rounds.
func TestColumnsAreMeansOverSeeds(t *testing.T) {
	s := read(t, resultstest.Small).Summarise()
	best := s.Arms[0]
	loss, _ := best.Column("test.loss")
	want := 3.1 - 0.45*math.Sqrt(3) + 0.09
	if math.Abs(loss.Mean-want) > 1e-12 || loss.N != 2 || math.Abs(loss.SD-0.06/math.Sqrt2) > 1e-12 {
		t.Errorf("got %+v, want mean %v and sd %v", loss, want, 0.06/math.Sqrt2)
	}
	gain, _ := best.Column("test.loss.gain")
	if math.Abs(gain.Mean-(want-3.1)) > 1e-12 {
		t.Errorf("gain %v", gain.Mean)
	}
	rel, _ := best.Column(results.AggErrorRel)
	if math.Abs(rel.Mean-0.16) > 1e-12 { // 0.08, 0.16, 0.24
		t.Errorf("relative aggregation error %v, want 0.16", rel.Mean)
	}
	if up, _ := best.Column(results.UpBytes); up.Mean != 12000 {
		t.Errorf("up %v", up.Mean)
	}
}

func TestTableText(t *testing.T) {
	var b bytes.Buffer
	if err := read(t, resultstest.Small).Summarise().Table().Write(&b, func(s string) string { return s }); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if !strings.HasPrefix(lines[0], "method") || !strings.Contains(lines[2], "2 of 8…2") || !strings.Contains(lines[2], "16.00 %") {
		t.Errorf("table:\n%s", b.String())
	}
	if !strings.Contains(b.String(), "± standard deviation") {
		t.Error("the table does not say what ± is")
	}
	one := resultstest.Small
	one.Seeds = 1
	b.Reset()
	if err := read(t, one).Summarise().Table().Write(&b, func(s string) string { return s }); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "±") || !strings.Contains(b.String(), "at least 2") {
		t.Errorf("a spread was invented:\n%s", b.String())
	}
	s := read(t, resultstest.Small).Summarise()
	for i := range s.Arms { // as if nothing had been measured at the start
		s.Arms[i].Columns = slices.DeleteFunc(s.Arms[i].Columns, func(c results.Column) bool {
			return slices.ContainsFunc(s.Scores, func(x results.Score) bool { return c.Name == x.Delta() })
		})
	}
	if notes := strings.Join(s.Table().Notes, "\n"); strings.Contains(notes, "vs base") {
		t.Errorf("a note on a column that is not there:\n%s", notes)
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		xs   []float64
		text string
	}{
		{nil, "–"},
		{[]float64{2.5}, "2.500"},
		{[]float64{1, 3}, "2.0 ± 1.4"},
		{[]float64{0.5, 0.51, 0.52}, "0.510 ± 0.010"},
		{[]float64{math.NaN(), 1}, "NaN"},
		{[]float64{math.Inf(1), 1}, "+Inf"},
		{[]float64{7, 7}, "7 ± 0"},
		{[]float64{2e-8, 3e-8}, "2.50e-08 ± 7.07e-09"},
		{[]float64{0.5, 0.5 + 2e-9}, "0.5000 ± 1.41e-09"},
	} {
		if got := results.NewSpread(c.xs).Text(); got != c.text {
			t.Errorf("%v: got %s, want %s", c.xs, got, c.text)
		}
	}
}

func TestUnits(t *testing.T) {
	for got, want := range map[string]string{
		results.Bytes(999): "999 B", results.Bytes(1300): "1.30 kB", results.Bytes(123456789): "123 MB", results.FlopsText(6e9): "6.00 GFLOP",
		results.Seconds(0.34): "340 ms", results.Seconds(93): "93.0 s", results.Seconds(200): "3 m 20 s", results.Seconds(7500): "2 h 05 m",
		results.Plain(0.1234567): "0.1235", results.Plain(12): "12", results.Plain(0.000012): "1.20e-05", results.Plain(math.NaN()): "NaN",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestCSVHasEveryNumberOnce(t *testing.T) {
	r := read(t, resultstest.Small)
	if err := r.Rewrite(); err != nil {
		t.Fatal(err)
	}
	rows := csvRows(t, filepath.Join(r.Dir, "metrics.csv"))
	// 6 trials × (4 evaluations × 2 metrics, one of them by 2 groups + 3 folds × 3 values), and the heads
	if len(rows) != 1+6*(4*4+3*3) {
		t.Errorf("%d rows", len(rows))
	}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		key := strings.Join([]string{row[0], row[4], row[5], row[10], row[11], row[12]}, "|")
		if seen[key] {
			t.Errorf("twice: %v", row)
		}
		seen[key] = true
	}
	trials := csvRows(t, filepath.Join(r.Dir, "trials.csv"))
	if len(trials) != 7 || trials[0][7] != "test.loss" {
		t.Errorf("trials.csv: %d rows, %v", len(trials), trials[0])
	}
}

func csvRows(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
