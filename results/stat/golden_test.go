package stat_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/results/stat"
)

type testResult struct {
	Statistic, P linalgtest.Number
	Df           *linalgtest.Number
	Ci95         []linalgtest.Number
}

func check(t *testing.T, name string, a linalgtest.Answer, got stat.Result) {
	t.Helper()
	var want testResult
	a.Into(t, &want)
	linalgtest.Near(t, name+" statistic", got.Statistic, float64(want.Statistic))
	linalgtest.Near(t, name+" p", got.P, float64(want.P))
}

func checkT(t *testing.T, name string, a linalgtest.Answer, got stat.TResult) {
	t.Helper()
	check(t, name, a, got.Result)
	var want testResult
	a.Into(t, &want)
	if want.Df != nil {
		linalgtest.Near(t, name+" df", got.Freedom, float64(*want.Df))
	}
	if len(want.Ci95) == 2 {
		linalgtest.Near(t, name+" low", got.Low, float64(want.Ci95[0]))
		linalgtest.Near(t, name+" high", got.High, float64(want.Ci95[1]))
	}
}

func TestGoldenTests(t *testing.T) {
	var file struct {
		Cases []struct {
			Kind, Name string
			X, Y, P    []linalgtest.Number
			Expect     map[string]linalgtest.Answer
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/tests.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			x, y := linalgtest.Numbers(c.X), linalgtest.Numbers(c.Y)
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
					adjustCase(t, name, want, linalgtest.Numbers(c.P))
				default:
					t.Fatalf("unknown kind %q", c.Kind)
				}
			}
		})
	}
}

func pairedCase(t *testing.T, name string, want linalgtest.Answer, d []float64) {
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
		if want.Failed != (err != nil) {
			t.Fatalf("%s: error %v", name, err)
		}
		if math.IsNaN(stat.Mean(d)) { // the file's count takes NaN for a negative difference; ours is NaN
			linalgtest.Near(t, name, p, math.NaN())
			return
		}
		var v linalgtest.Number
		if !want.Failed {
			want.Into(t, &v)
			linalgtest.Near(t, name, p, float64(v))
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
func wilcoxonCase(t *testing.T, name, rest string, want linalgtest.Answer, d []float64) {
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

func twoCase(t *testing.T, name string, want linalgtest.Answer, x, y []float64) {
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

func adjustCase(t *testing.T, name string, want linalgtest.Answer, p []float64) {
	how, ok := map[string]stat.Adjustment{"holm": stat.Holm, "bonferroni": stat.Bonferroni,
		"benjamini_hochberg": stat.BenjaminiHochberg, "benjamini_yekutieli": stat.BenjaminiYekutieli}[name]
	if !ok {
		t.Fatalf("unknown adjustment %q", name)
	}
	var v struct {
		Adjusted []linalgtest.Number
		Reject   []bool `json:"reject_at_0_05"`
	}
	want.Into(t, &v)
	got := stat.Adjust(p, how)
	if len(got) != len(v.Adjusted) {
		t.Fatalf("%s: %d values, want %d", name, len(got), len(v.Adjusted))
	}
	for i, a := range v.Adjusted {
		linalgtest.Near(t, fmt.Sprintf("%s[%d]", name, i), got[i], float64(a))
		if !math.IsNaN(got[i]) && math.Abs(got[i]-0.05) > 1e-12 && (got[i] <= 0.05) != v.Reject[i] {
			t.Errorf("%s[%d]: adjusted %v, rejected %v", name, i, got[i], v.Reject[i])
		}
	}
}

func TestGoldenCorrelation(t *testing.T) {
	var file struct {
		Cases []struct {
			Name   string
			X, Y   []linalgtest.Number
			Expect map[string]linalgtest.Answer
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/correlation.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			for name, want := range c.Expect {
				correlationCase(t, name, want, linalgtest.Numbers(c.X), linalgtest.Numbers(c.Y))
			}
		})
	}
}

func correlationCase(t *testing.T, name string, want linalgtest.Answer, x, y []float64) {
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
			var v []linalgtest.Number
			want.Into(t, &v)
			linalgtest.Near(t, name+" low", low, float64(v[0]))
			linalgtest.Near(t, name+" high", high, float64(v[1]))
			return
		}
	default:
		got, err = kendallCase(name, x, y)
	}
	if want.Failed != (err != nil) {
		t.Fatalf("%s: error %v; the library fails: %v", name, err, want.Failed)
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
		Theta, Z0, Acceleration linalgtest.Number
		Alpha                   []linalgtest.Number
		Scipy                   map[string][]linalgtest.Number
		StandardError           linalgtest.Number   `json:"standard_error"`
		First                   []linalgtest.Number `json:"first_10_resampled"`
		Many                    struct {
			N         int
			Bca       []linalgtest.Number
			Tolerance linalgtest.Number
		} `json:"many_resamples"`
	}
	var file struct {
		Edge []struct {
			Name string
			X    []linalgtest.Number
			Bca  linalgtest.Answer
		}
		Cases []struct {
			Name, Statistic string
			Confidence      float64
			X, Y            []linalgtest.Number
			Resamples       [][]int
			Expect          expect
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/bootstrap.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			x, y := linalgtest.Numbers(c.X), linalgtest.Numbers(c.Y)
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
				linalgtest.Near(t, "resampled", resampled[i], float64(v))
			}
			linalgtest.Near(t, "standard error", stat.SD(resampled), float64(c.Expect.StandardError))
			b, err := stat.NewBootstrap(pick(all), resampled, without)
			if err != nil {
				t.Fatal(err)
			}
			linalgtest.Near(t, "theta", b.Value, float64(c.Expect.Theta))
			linalgtest.Near(t, "z0", b.Bias, float64(c.Expect.Z0))
			linalgtest.Near(t, "acceleration", b.Acceleration, float64(c.Expect.Acceleration))
			low, high := b.Levels(c.Confidence)
			linalgtest.Near(t, "level low", low, float64(c.Expect.Alpha[0]))
			linalgtest.Near(t, "level high", high, float64(c.Expect.Alpha[1]))
			for name, in := range map[string]stat.Interval{"bca": b.BCa(c.Confidence), "percentile": b.Percentile(c.Confidence), "basic": b.Basic(c.Confidence)} {
				linalgtest.Near(t, name+" low", in.Low, float64(c.Expect.Scipy[name][0]))
				linalgtest.Near(t, name+" high", in.High, float64(c.Expect.Scipy[name][1]))
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
			x := linalgtest.Numbers(c.X)
			b, err := stat.Resample(len(x), 500, rng.New(1).At("test"), statistic(t, "mean", x, nil))
			if c.Bca.Failed != (err != nil) {
				t.Fatalf("error %v; the library fails: %v", err, c.Bca.Failed)
			}
			if err != nil {
				return
			}
			var want []linalgtest.Number
			c.Bca.Into(t, &want)
			in := b.BCa(0.95)
			linalgtest.Near(t, "low", in.Low, float64(want[0]))
			linalgtest.Near(t, "high", in.High, float64(want[1]))
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
