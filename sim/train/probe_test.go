package train_test

import (
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/train"
)

// probe has client 0 measure one statistic, and opens it.
func (r rig) probe(s method.Statistic, change ...func(*method.Probe)) linalg.Tensors {
	r.t.Helper()
	p := method.Probe{Model: main, What: []method.Statistic{s}}
	for _, c := range change {
		c(&p)
	}
	rep := r.do(0, 1, p)
	if len(rep.Made) != 1 || len(rep.Began) != 0 {
		r.t.Fatalf("made %v, began %v; one statistic was expected, and nothing trained", rep.Made, rep.Began)
	}
	x, err := r.blobs.Open(rep.Made[0].Blob)
	if err != nil {
		r.t.Fatal(err)
	}
	return x
}

// width of the rig's base.
const width = 16

func tensor(t *testing.T, x linalg.Tensors, name string, shape ...int) []float32 {
	t.Helper()
	got, ok := x.Get(name)
	if !ok {
		t.Fatalf("no tensor %q", name)
	}
	size := 1
	for i, n := range shape {
		if size *= n; len(got.Shape) != len(shape) || got.Shape[i] != n {
			t.Fatalf("%s has shape %v, expected %v", name, got.Shape, shape)
		}
	}
	return got.Data
}

func near(t *testing.T, what string, got, want []float32, tol float64) {
	t.Helper()
	var gap, size float64
	for i := range want {
		gap = math.Hypot(gap, float64(got[i]-want[i]))
		size = math.Hypot(size, float64(want[i]))
	}
	if len(got) != len(want) || !(gap <= tol*size) || size == 0 {
		t.Errorf("%s: %g away from %g", what, gap, size)
	}
}

func by(columns ...string) func(*method.Probe) {
	return func(p *method.Probe) { p.By = columns }
}

// The gradient is the one that trains: a step of SGD from B = 0 makes B = −η·s·G·Aᵀ.
func TestGradientIsTheOneThatTrains(t *testing.T) {
	r := newRig(t)
	g := r.probe(method.Gradient{Modules: []string{"*.q", "*.v"}})
	if n := tensor(t, g, "count", 1)[0]; n != rowsEach*labelsEach {
		t.Errorf("it is a mean over %g labels, expected %d", n, rowsEach*labelsEach)
	}
	rep := r.do(0, 1, fit(sgd, oneStep))
	for _, module := range []string{"0.q", "0.v"} {
		made, began := r.pair(rep.Made[0].Blob, module), r.pair(rep.Began[0].Blob, module)
		grad := linalg.Widen(made.Out, made.In, tensor(t, g, module, made.Out, made.In))
		want := linalg.Mul(grad, linalg.Widen(made.Rank, made.In, began.A).T()).Scaled(-0.5 * made.Scale)
		near(t, module, made.B, want.Narrow(), 1e-4)
	}
}

// Rows are means that add up by their counts to the row of all.
func TestRowsAddUpByCount(t *testing.T) {
	for name, s := range map[string]method.Statistic{
		"0.q": method.Gradient{Modules: []string{"*.q"}}, "0.down": method.Input{Modules: []string{"*.down"}},
		"0.k": method.Input{Modules: []string{"*.k"}, Second: true}, "feature": method.Feature{After: method.Last, Pool: "mean"},
	} {
		r := newRig(t)
		all, parts := r.probe(s), r.probe(s, by("topic"))
		whole, _ := all.Get(name)
		rows, _ := parts.Get(name)
		counts, _ := parts.Get("count")
		names := strings.Split(parts.Meta["rows"], "\n")
		if len(names) != len(counts.Data) || len(names) < 2 || !strings.HasPrefix(names[0], "topic=") {
			t.Fatalf("%s: rows %q with counts %v", name, names, counts.Data)
		}
		sum, total := make([]float64, len(whole.Data)), 0.0
		for g, n := range counts.Data {
			total += float64(n)
			for i := range sum {
				sum[i] += float64(n) * float64(rows.Data[g*len(sum)+i])
			}
		}
		if n := tensor(t, all, "count", 1)[0]; float64(n) != total {
			t.Errorf("%s: a mean over %g things, and the rows over %g", name, n, total)
		}
		mean := make([]float32, len(sum))
		for i := range sum {
			mean[i] = float32(sum[i] / total)
		}
		near(t, name, whole.Data, mean, 1e-5)
	}
}

// A row of an example is the square of the gradient of its whole answer: a step of SGD on
// that example alone moves factors by the mean over its labels.
func TestFisherIsPerExample(t *testing.T) {
	r := newRig(t)
	began := r.do(0, 1, fit()).Made[0].Blob
	attached := func(p *method.Probe) {
		p.Model.Attach = []method.Attach{{Name: "old", From: method.From{Blob: began}, Scale: 1}}
	}
	f := r.probe(method.Fisher{Of: "old"}, attached, by("example"))
	first := r.do(0, 1, fit(sgd, oneStep, from(began), func(f *method.Fit, _ *method.LoRA) { f.Data.Limit = 1 }))
	for _, module := range []string{"0.q", "0.v"} {
		was, is := r.pair(began, module), r.pair(first.Made[0].Blob, module)
		var want []float32
		for i := range was.B {
			g := float64(was.B[i]-is.B[i]) / 0.5 * labelsEach
			want = append(want, float32(g*g))
		}
		rows := tensor(t, f, module+".B", rowsEach, was.Out, was.Rank)
		near(t, module, rows[:len(want)], want, 1e-3)
	}
	mean := r.probe(method.Fisher{Of: "old"}, attached)
	var sum []float32
	each, whole := tensor(t, f, "0.q.A", rowsEach, 2, width), tensor(t, mean, "0.q.A", 2, width)
	for i := range whole {
		var s float64
		for k := range rowsEach {
			s += float64(each[k*len(whole)+i])
		}
		sum = append(sum, float32(s/rowsEach))
	}
	near(t, "mean", whole, sum, 1e-5)
}

// Where inputs are scaled, each example counts once, whatever its size; where answers alone
// count, their tokens do.
func TestInputsCountWhatTheySay(t *testing.T) {
	r := newRig(t)
	for want, s := range map[float32]method.Input{
		rowsEach * 9:          {},
		rowsEach * labelsEach: {Answers: true},
		rowsEach:              {Second: true, Scale: "max"},
	} {
		s.Modules = []string{"0.q"}
		if n := tensor(t, r.probe(s), "count", 1)[0]; n != want {
			t.Errorf("%+v counts %g, expected %g", s, n, want)
		}
	}
	mean := tensor(t, r.probe(method.Input{Modules: []string{"0.q"}}), "0.q", width)
	second := tensor(t, r.probe(method.Input{Modules: []string{"0.q"}, Second: true}), "0.q", width, width)
	for i := range mean {
		if second[i*width+i] < mean[i]*mean[i] {
			t.Errorf("input %d: E[x²] = %g is below the square of the mean %g", i, second[i*width+i], mean[i])
		}
		for k := range i {
			if second[i*width+k] != second[k*width+i] {
				t.Fatalf("the moment is not symmetric at %d, %d", i, k)
			}
		}
	}
}

// Several statistics of one kind have names of their own, and those that are named travel.
func TestProbeUploadsWhatIsNamed(t *testing.T) {
	r := newRig(t)
	p := method.Probe{Model: main, What: []method.Statistic{
		method.Feature{After: 0, Pool: "last"}, method.Feature{After: 0, Pool: "first"}, method.Gradient{Modules: []string{"0.q"}}}}
	out, err := r.work(method.WorkRequest{Whom: method.ID{Pool: "client"}, Draws: []uint64{1},
		Assign: []method.Assignment{{Name: "look", Recipe: p, Upload: []string{"feature.2", "gradient"}, Keep: []string{"feature"}}}})
	if err != nil {
		t.Fatal(err)
	}
	rep := out.Reports[0]
	if len(rep.Made) != 2 || rep.Blob("feature.2") == "" || rep.Blob("gradient") == "" || rep.Examples != rowsEach {
		t.Errorf("it made %v of %d examples", rep.Made, rep.Examples)
	}
	if len(out.Kept) != 1 || out.Kept[0].Name != "feature" || !r.blobs.Has(out.Kept[0].Blob) {
		t.Errorf("it keeps %v", out.Kept)
	}
}

func TestProbeRefusals(t *testing.T) {
	r := newRig(t)
	for want, p := range map[string]method.Probe{
		"blocks 0 … 0":                    {What: []method.Statistic{method.Feature{After: 2, Pool: "mean"}}},
		`nothing is attached under "old"`: {What: []method.Statistic{method.Fisher{Of: "old"}}},
		"outside the blocks":              {What: []method.Statistic{method.Input{Modules: []string{"lm_head"}}}},
		"matches nothing":                 {What: []method.Statistic{method.Gradient{Modules: []string{"*.nothing"}}}},
		`the column "colour"`:             {What: []method.Statistic{method.Feature{Pool: "mean"}}, By: []string{"colour"}},
		`no set "history"`:                {What: []method.Statistic{method.Feature{Pool: "mean"}}, Data: method.Data{From: []method.Source{{Name: "history"}}}},
		"has no router":                   {What: []method.Statistic{method.Routing{}}},
	} {
		p.Model = main
		if _, err := r.try(0, 1, p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one that says %q", err, want)
		}
	}
}

// What nobody can measure is refused before anybody is asked.
func TestProbesThatAreNotCarriedOut(t *testing.T) {
	feature := method.Feature{Pool: "mean"}
	for want, a := range map[string]method.Assignment{
		"Feature.Pool":          {Recipe: method.Probe{What: []method.Statistic{method.Feature{}}}},
		"Input.Scale":           {Recipe: method.Probe{What: []method.Statistic{method.Input{Scale: "max"}}}},
		"stands alone":          {Recipe: method.Probe{What: []method.Statistic{feature}, By: []string{"example", "topic"}}},
		"and measures gradient": {Recipe: method.Probe{What: []method.Statistic{method.Gradient{}}}, Upload: []string{"fisher"}},
		"and measures feature":  {Recipe: method.Probe{What: []method.Statistic{feature}}, Keep: []string{"lora"}},
	} {
		if err := train.Carries(a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one that says %q", err, want)
		}
	}
}
