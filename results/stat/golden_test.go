package stat_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/results/stat"
)

// number reads a JSON number, or the words for those that JSON lacks.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	switch strings.Trim(string(b), `"`) {
	case "NaN":
		*n = number(math.NaN())
		return nil
	case "Infinity":
		*n = number(math.Inf(1))
		return nil
	case "-Infinity":
		*n = number(math.Inf(-1))
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

func floats(ns []number) []float64 {
	out := make([]float64, len(ns))
	for i, n := range ns {
		out[i] = float64(n)
	}
	return out
}

// answer is what a library gave: a value, a value with warnings, or an error.
type answer struct {
	failed bool
	value  json.RawMessage
}

func (a *answer) UnmarshalJSON(b []byte) error {
	a.value = append([]byte{}, b...)
	var o struct {
		Error string
		Value json.RawMessage
	}
	if json.Unmarshal(b, &o) != nil {
		return nil
	}
	a.failed = o.Error != ""
	if o.Value != nil {
		a.value = o.Value
	}
	return nil
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.value, v); err != nil {
		t.Fatalf("%s: %v", a.value, err)
	}
}

// near: within 1e-9 of the value or of 1, the files' own precision; NaN is near NaN.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	nearBy(t, what, got, want, 1e-9*max(1, math.Abs(want)))
}

func nearBy(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if got == want || math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= tol {
		return
	}
	t.Errorf("%s: %v, want %v", what, got, want)
}

type testResult struct {
	Statistic, P number
	Df           *number
	Ci95         []number
}

func check(t *testing.T, name string, a answer, got stat.Result) {
	t.Helper()
	var want testResult
	a.into(t, &want)
	near(t, name+" statistic", got.Statistic, float64(want.Statistic))
	near(t, name+" p", got.P, float64(want.P))
}

func checkT(t *testing.T, name string, a answer, got stat.TResult) {
	t.Helper()
	check(t, name, a, got.Result)
	var want testResult
	a.into(t, &want)
	if want.Df != nil {
		near(t, name+" df", got.Freedom, float64(*want.Df))
	}
	if len(want.Ci95) == 2 {
		near(t, name+" low", got.Low, float64(want.Ci95[0]))
		near(t, name+" high", got.High, float64(want.Ci95[1]))
	}
}

func TestGoldenTests(t *testing.T) {
	var file struct {
		Cases []struct {
			Kind, Name string
			X, Y, P    []number
			Expect     map[string]answer
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/tests.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			x, y := floats(c.X), floats(c.Y)
			for name, want := range c.Expect {
				switch c.Kind {
				case "paired":
					d, err := stat.Differences(x, y)
					if err != nil {
						t.Fatal(err)
					}
					pairedCase(t, name, want, d)
				case "two samples":
					twoCase(t, name, want, x, y)
				case "multiple":
					adjustCase(t, name, want, floats(c.P))
				default:
					t.Fatalf("unknown kind %q", c.Kind)
				}
			}
		})
	}
}

func pairedCase(t *testing.T, name string, want answer, d []float64) {
	rest, isWilcoxon := strings.CutPrefix(name, "wilcoxon_")
	switch {
	case isWilcoxon:
		wilcoxonCase(t, name, rest, want, d)
	case name == "ttest_rel":
		checkT(t, name, want, stat.PairedT(d, stat.TwoSided))
	case name == "ttest_rel_greater":
		check(t, name, want, stat.PairedT(d, stat.Greater).Result)
	case name == "sign_test":
		p, err := stat.SignTest(d)
		if want.failed != (err != nil) {
			t.Fatalf("%s: error %v", name, err)
		}
		if math.IsNaN(stat.Mean(d)) { // the file's count takes NaN for a negative difference; ours is NaN
			nearBy(t, name, p, math.NaN(), 0)
			return
		}
		var v number
		if !want.failed {
			want.into(t, &v)
			near(t, name, p, float64(v))
		}
	case name == "sign_flip_exact":
		r, err := stat.SignFlip(d)
		if err != nil {
			t.Fatal(err)
		}
		check(t, name, want, r)
	default:
		t.Errorf("unknown test %q", name)
	}
}

// wilcoxonCase picks the road that the library's rule picks: see the file's notes.
func wilcoxonCase(t *testing.T, name, rest string, want answer, d []float64) {
	word, how, _ := strings.Cut(rest, "_")
	zeros, ok := map[string]stat.Zeros{"wilcox": stat.DropZeros, "pratt": stat.PrattZeros, "zsplit": stat.SplitZeros}[word]
	if !ok {
		t.Fatalf("unknown treatment of zeros %q", word)
	}
	side := stat.TwoSided
	if how == "greater" {
		side = stat.Greater
	}
	var size []float64
	zero := false
	for _, v := range d {
		size = append(size, math.Abs(v))
		zero = zero || v == 0
	}
	exact := len(d) <= 50 && !zero && !stat.HasTies(size, nil) || len(d) <= 13
	switch {
	case how == "asymptotic" || how == "asymptotic_corrected" || !exact:
		check(t, name, want, stat.SignedRankNormal(d, zeros, side, how == "asymptotic_corrected"))
	default:
		check(t, name, want, stat.SignedRank(d, zeros, side))
	}
}

func twoCase(t *testing.T, name string, want answer, x, y []float64) {
	switch name {
	case "mannwhitney", "mannwhitney_greater":
		side := stat.TwoSided
		if name == "mannwhitney_greater" {
			side = stat.Greater
		}
		if min(len(x), len(y)) <= 8 && !stat.HasTies(x, y) {
			check(t, name, want, stat.RankSum(x, y, side))
		} else {
			check(t, name, want, stat.RankSumNormal(x, y, side, true))
		}
	case "mannwhitney_exact":
		check(t, name, want, stat.RankSum(x, y, stat.TwoSided))
	case "mannwhitney_asymptotic":
		check(t, name, want, stat.RankSumNormal(x, y, stat.TwoSided, true))
	case "mannwhitney_asymptotic_uncorrected":
		check(t, name, want, stat.RankSumNormal(x, y, stat.TwoSided, false))
	case "ttest_ind":
		checkT(t, name, want, stat.PooledT(x, y))
	case "welch":
		checkT(t, name, want, stat.Welch(x, y))
	default:
		t.Errorf("unknown test %q", name)
	}
}

func adjustCase(t *testing.T, name string, want answer, p []float64) {
	how, ok := map[string]stat.Adjustment{"holm": stat.Holm, "bonferroni": stat.Bonferroni,
		"benjamini_hochberg": stat.BenjaminiHochberg, "benjamini_yekutieli": stat.BenjaminiYekutieli}[name]
	if !ok {
		t.Fatalf("unknown adjustment %q", name)
	}
	var v struct {
		Adjusted []number
		Reject   []bool `json:"reject_at_0_05"`
	}
	want.into(t, &v)
	got := stat.Adjust(p, how)
	if len(got) != len(v.Adjusted) {
		t.Fatalf("%s: %d values, want %d", name, len(got), len(v.Adjusted))
	}
	for i, a := range v.Adjusted {
		near(t, fmt.Sprintf("%s[%d]", name, i), got[i], float64(a))
		if !math.IsNaN(got[i]) && math.Abs(got[i]-0.05) > 1e-12 && (got[i] <= 0.05) != v.Reject[i] {
			t.Errorf("%s[%d]: adjusted %v, rejected %v", name, i, got[i], v.Reject[i])
		}
	}
}

func TestGoldenCorrelation(t *testing.T) {
	var file struct {
		Cases []struct {
			Name   string
			X, Y   []number
			Expect map[string]answer
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/correlation.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			for name, want := range c.Expect {
				correlationCase(t, name, want, floats(c.X), floats(c.Y))
			}
		})
	}
}

func correlationCase(t *testing.T, name string, want answer, x, y []float64) {
	var got stat.Result
	var err error
	switch name {
	case "pearson":
		got, err = stat.Pearson(x, y)
	case "spearman":
		got, err = stat.Spearman(x, y)
	case "pearson_ci95":
		got, err = stat.Pearson(x, y)
		if err == nil {
			low, high := stat.PearsonInterval(got.Statistic, len(x), 0.95)
			var v []number
			want.into(t, &v)
			near(t, name+" low", low, float64(v[0]))
			near(t, name+" high", high, float64(v[1]))
			return
		}
	default:
		got, err = kendallCase(name, x, y)
	}
	if want.failed != (err != nil) {
		t.Fatalf("%s: error %v; the library fails: %v", name, err, want.failed)
	}
	if err == nil {
		check(t, name, want, got)
	}
}

func kendallCase(name string, x, y []float64) (stat.Result, error) {
	k, err := stat.KendallTau(x, y)
	if err != nil {
		return stat.Result{}, err
	}
	r := stat.Result{Statistic: k.B, P: k.Exact}
	if name == "kendall_tau_c" {
		r.Statistic = k.C
	}
	exact := !k.Ties && (len(x) <= 33 || k.Fewer() <= 1)
	if name == "kendall_tau_b_asymptotic" || !exact {
		r.P, err = k.Normal()
	}
	return r, err
}

func TestGoldenBootstrap(t *testing.T) {
	type expect struct {
		Theta, Z0, Acceleration number
		Alpha                   []number
		Scipy                   map[string][]number
		StandardError           number   `json:"standard_error"`
		First                   []number `json:"first_10_resampled"`
		Many                    struct {
			N         int
			Bca       []number
			Tolerance number
		} `json:"many_resamples"`
	}
	var file struct {
		Edge []struct {
			Name string
			X    []number
			Bca  answer
		}
		Cases []struct {
			Name, Statistic string
			Confidence      float64
			X, Y            []number
			Resamples       [][]int
			Expect          expect
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/bootstrap.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			x, y := floats(c.X), floats(c.Y)
			pick := statistic(t, c.Statistic, x, y)
			all := make([]int, len(x))
			for i := range all {
				all[i] = i
			}
			resampled, without := make([]float64, len(c.Resamples)), make([]float64, len(x))
			for i, units := range c.Resamples {
				resampled[i] = pick(units)
			}
			for i := range without {
				without[i] = pick(append(append([]int{}, all[:i]...), all[i+1:]...))
			}
			for i, v := range c.Expect.First {
				near(t, "resampled", resampled[i], float64(v))
			}
			near(t, "standard error", stat.SD(resampled), float64(c.Expect.StandardError))
			b, err := stat.NewBootstrap(pick(all), resampled, without)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "theta", b.Value, float64(c.Expect.Theta))
			near(t, "z0", b.Bias, float64(c.Expect.Z0))
			near(t, "acceleration", b.Acceleration, float64(c.Expect.Acceleration))
			low, high := b.Levels(c.Confidence)
			near(t, "level low", low, float64(c.Expect.Alpha[0]))
			near(t, "level high", high, float64(c.Expect.Alpha[1]))
			for name, in := range map[string]stat.Interval{"bca": b.BCa(c.Confidence), "percentile": b.Percentile(c.Confidence), "basic": b.Basic(c.Confidence)} {
				near(t, name+" low", in.Low, float64(c.Expect.Scipy[name][0]))
				near(t, name+" high", in.High, float64(c.Expect.Scipy[name][1]))
			}
			many, err := stat.Resample(len(x), c.Expect.Many.N, rng.New(1).At("test"), pick)
			if err != nil {
				t.Fatal(err)
			}
			low, high = many.Levels(c.Confidence)
			ownResamples(t, many, low, float64(c.Expect.Many.Bca[0]), float64(c.Expect.Many.Tolerance))
			ownResamples(t, many, high, float64(c.Expect.Many.Bca[1]), float64(c.Expect.Many.Tolerance))
		})
	}
	for _, c := range file.Edge {
		t.Run(c.Name, func(t *testing.T) {
			x := floats(c.X)
			b, err := stat.Resample(len(x), 500, rng.New(1).At("test"), statistic(t, "mean", x, nil))
			if c.Bca.failed != (err != nil) {
				t.Fatalf("error %v; the library fails: %v", err, c.Bca.failed)
			}
			if err != nil {
				return
			}
			var want []number
			c.Bca.into(t, &want)
			in := b.BCa(0.95)
			near(t, "low", in.Low, float64(want[0]))
			near(t, "high", in.High, float64(want[1]))
		})
	}
}

// ownResamples compares one end of an interval from resamples of our own. A level is known
// within about 0.001 from 20,000 resamples (that of z₀ mostly); where the statistic is a
// median, that can be the step from one value to the next, so twice that is allowed.
func ownResamples(t *testing.T, b stat.Bootstrap, level, want, tol float64) {
	t.Helper()
	least, most := stat.Quantile(b.Resampled, level-0.002), stat.Quantile(b.Resampled, level+0.002)
	if want < least-tol || want > most+tol {
		t.Errorf("own resamples: %v … %v, want %v within %v", least, most, want, tol)
	}
}

func statistic(t *testing.T, name string, x, y []float64) func(units []int) float64 {
	t.Helper()
	of := func(units []int, xs []float64) []float64 {
		out := make([]float64, len(units))
		for i, u := range units {
			out[i] = xs[u]
		}
		return out
	}
	switch {
	case name == "mean":
		return func(units []int) float64 { return stat.Mean(of(units, x)) }
	case name == "median":
		return func(units []int) float64 { return stat.Median(of(units, x)) }
	case strings.HasPrefix(name, "Pearson"):
		return func(units []int) float64 {
			r, err := stat.Pearson(of(units, x), of(units, y))
			if err != nil {
				t.Fatal(err)
			}
			return r.Statistic
		}
	}
	t.Fatalf("unknown statistic %q", name)
	return nil
}
