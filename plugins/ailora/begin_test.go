package ailora

import (
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// inputs are those of two participants, of unlike size and number, for each module.
func inputs() (one, two map[string]linalg.Dense) {
	one, two = map[string]linalg.Dense{}, map[string]linalg.Dense{}
	for _, module := range []string{"0.q", "0.v"} {
		mix := normal(rng.New(5).At(module), 12, 12)
		one[module] = linalg.Mul(normal(rng.New(6).At(module), 30, 12), mix)
		two[module] = linalg.Mul(normal(rng.New(7).At(module), 50, 12), mix.Scaled(2))
		for i := range one[module].Data {
			one[module].Data[i] += 0.5 // not centred
		}
	}
	return one, two
}

// pooled is all inputs of a module, one below the other.
func pooled(module string) linalg.Dense {
	one, two := inputs()
	return linalg.Dense{Rows: 80, Cols: 12, Data: append(append([]float64{}, one[module].Data...), two[module].Data...)}
}

// measured is what the two report of their inputs.
func (w *world) measured(mean bool) []method.Report {
	one, two := inputs()
	var out []method.Report
	for i, data := range []map[string]linalg.Dense{one, two} {
		mu, second := map[string]linalg.Dense{}, map[string]linalg.Dense{}
		n := 0
		for module, x := range data {
			n = x.Rows
			ones := linalg.NewDense(1, n)
			for k := range ones.Data {
				ones.Data[k] = 1 / float64(n)
			}
			mu[module], second[module] = linalg.Mul(ones, x), linalg.Mul(x.T(), x).Scaled(1/float64(n))
		}
		r := method.Report{Name: "measure", From: method.ID{Pool: "client", Index: i}, Examples: 3}
		if mean {
			r.Made = []method.Named{{Name: "input", Blob: w.statistic(float32(n), mu)}, {Name: "input.2", Blob: w.statistic(float32(n), second)}}
		} else {
			r.Made = []method.Named{{Name: "input", Blob: w.statistic(float32(n), second)}}
		}
		out = append(out, r)
	}
	return out
}

// EVA of what two report is EVA of all their inputs together.
func TestEVAIsThatOfAllInputsTogether(t *testing.T) {
	w := newWorld(t, InitEVA(), method.Values{"rank": 3, "rho": 1.0})
	out, left := w.fold(InitEVA(), w.measured(true)...)
	for _, module := range []string{"0.q", "0.v"} {
		pca := start.NewPCA(3)
		if err := pca.Add(pooled(module)); err != nil {
			t.Fatal(err)
		}
		p, _ := left.Pair(module)
		near(t, module, linalg.Widen(3, 12, p.A), pca.Axes)
		if linalg.Norm(linalg.Widen(p.Out, 3, p.B).Data) != 0 || out.Init[0].Init.(method.Given).Residual {
			t.Errorf("%s: B is not 0, or the base moves", module)
		}
	}
	w = newWorld(t, InitEVA(), method.Values{"rank": 2, "rho": 3.0})
	_, left = w.fold(InitEVA(), w.measured(true)...)
	total := 0
	for _, p := range left {
		total += p.Rank
	}
	if total != 2*len(left) {
		t.Errorf("ranks add up to %d, the budget is 2 a module", total)
	}
}

// CorDA of what two report is CorDA of all their inputs, and at a smaller rank its leading
// rows are those that the rank would have taken.
func TestCorDAIsThatOfAllInputsTogether(t *testing.T) {
	for mode, choose := range map[string]start.Choice{"ipm": start.Largest, "kpm": start.Smallest} {
		w := newWorld(t, InitCorDA(), method.Values{"rank": 3, "scale": 2.0, "mode": mode})
		out, left := w.fold(InitCorDA(), w.measured(false)...)
		if !out.Init[0].Init.(method.Given).Residual {
			t.Error("the base does not move")
		}
		for _, module := range []string{"0.q", "0.v"} {
			x := pooled(module)
			c := linalg.Mul(x.T(), x).Scaled(1.0 / 80)
			for _, rank := range []int{3, 2} {
				st, err := start.CorDA(w.weight(module), c, rank, 2, choose)
				if err != nil {
					t.Fatal(err)
				}
				a, err := left.Truncate(rank)
				if err != nil {
					t.Fatal(err)
				}
				p, _ := a.Pair(module)
				near(t, mode+" "+module, linalg.Mul(linalg.Widen(p.Out, rank, p.B), linalg.Widen(rank, 12, p.A)), linalg.Mul(st.B, st.A))
			}
		}
	}
}

// LoRA-GA takes the mean gradient by labels, and the weight as it is merged by then.
func TestLoRAGATakesTheMeanGradient(t *testing.T) {
	w := newWorld(t, InitLoRAGA(), method.Values{"rank": 2, "size": "weightS"})
	merged := lora.Adapter{{Module: "0.q", Out: 12, In: 12, Rank: 1, Scale: 3, A: normal(rng.New(8), 1, 12).Narrow(), B: normal(rng.New(9), 12, 1).Narrow()}}
	w.scene.Start.Attach = []method.Attach{{Name: "before", Merge: true, Scale: 0.5, From: method.From{Blob: w.put(merged.Tensors())}}}
	var g []map[string]linalg.Dense
	for i := range 2 {
		g = append(g, map[string]linalg.Dense{"0.q": normal(rng.New(uint64(i)).At("q"), 12, 12), "0.v": normal(rng.New(uint64(i)).At("v"), 6, 12)})
	}
	_, left := w.fold(InitLoRAGA(),
		method.Report{Made: []method.Named{{Name: "gradient", Blob: w.statistic(10, g[0])}}},
		method.Report{Made: []method.Named{{Name: "gradient", Blob: w.statistic(30, g[1])}}})
	mean := g[0]["0.q"].Scaled(0.25)
	mean.Add(0.75, g[1]["0.q"])
	weight := w.weight("0.q")
	weight.Add(0.5, merged[0].Delta())
	want, err := start.LoRAGA(weight, mean, 2, 1, 16, start.Weight)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := left.Pair("0.q")
	near(t, "A", linalg.Widen(2, 12, p.A), want.A)
	near(t, "B", linalg.Widen(12, 2, p.B), want.B)
}

// MiCA's B is at the minor left vectors, and the arm "rescaled" raises the rate of queries
// and lowers that of values: √(2Σσ) against √(rank/3).
func TestWhatTheTrainingMethodsAdd(t *testing.T) {
	w := newWorld(t, MiCA(), method.Values{"rank": 2})
	out, err := MiCA().Plan(t.Context(), method.PlanRequest{Scene: w.scene})
	if err != nil {
		t.Fatal(err)
	}
	part := out.Assign[0].Recipe.(method.Fit).Train[0].(method.LoRA)
	if part.Freeze != "B" || len(out.State.Holds) != 1 || part.Init[0].Init.(method.Given).Blob != out.State.Holds[0] {
		t.Errorf("MiCA asks for %+v and holds %v", part, out.State.Holds)
	}
	w = newWorld(t, AILoRA(), method.Values{"rank": 2, "arm": "rescaled"})
	out, err = AILoRA().Plan(t.Context(), method.PlanRequest{Scene: w.scene})
	if err != nil {
		t.Fatal(err)
	}
	rates := out.Assign[0].Recipe.(method.Fit).Train[0].(method.LoRA).Rates
	for i, choose := range []start.Choice{start.Largest, start.Smallest} {
		st, err := start.Chosen(w.weight(rates[i].Modules), 2, 1, choose)
		if err != nil {
			t.Fatal(err)
		}
		want := math.Hypot(linalg.Norm(st.A.Data), linalg.Norm(st.B.Data)) / math.Sqrt(2.0/3)
		if math.Abs(rates[i].Times-want) > 1e-9*want {
			t.Errorf("%s: the rate is times %g, expected %g", rates[i].Modules, rates[i].Times, want)
		}
	}
}

func TestBadInputIsNamed(t *testing.T) {
	w := newWorld(t, InitEVA(), nil)
	for want, fold := range map[string]func() error{
		`nobody reported "input"`: func() error {
			_, err := InitEVA().Fold(t.Context(), method.FoldRequest{Scene: w.scene, Reports: reports{{}}})
			return err
		},
		"on nothing at all": func() error {
			b := w.statistic(0, map[string]linalg.Dense{"0.q": linalg.NewDense(1, 12), "0.v": linalg.NewDense(1, 12)})
			_, err := InitEVA().Fold(t.Context(), method.FoldRequest{Scene: w.scene, Reports: reports{{Made: []method.Named{{Name: "input", Blob: b}}}}})
			return err
		},
		"not one example": func() error {
			_, err := PiSSA().Fold(t.Context(), method.FoldRequest{Scene: w.scene, Reports: reports{{}}})
			return err
		},
		"can hold 2": func() error {
			w := newWorld(t, PiSSA(), method.Values{"rank": 4})
			_, err := PiSSA().Plan(t.Context(), method.PlanRequest{Scene: w.scene, Offered: []method.Participant{{Rank: 2}}})
			return err
		},
	} {
		if err := fold(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one that says %q", err, want)
		}
	}
}
