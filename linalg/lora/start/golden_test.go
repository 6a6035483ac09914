package start

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

// goldenParams are the parameters of all cases; S and Scaling are two names of the scale.
type goldenParams struct {
	R         int
	S         float64
	Scaling   float64
	Gamma     float64
	Stable    float64 `json:"stable_gamma"`
	Direction string
	Scale     string
	Rho       float64
	Eta       float64
	K         int
}

// cases run by the first word of their names; what belongs to methods is on the list of what
// is not built.
var cases = map[string]func(*testing.T, *linalgtest.Case, goldenParams){
	"pissa":               weights(PiSSA),
	"pissa_rslora":        weights(PiSSA),
	"olora":               weights(OLoRA),
	"mica":                weights(func(w linalg.Dense, rank int, _ float64) (Start, error) { return MiCA(w, rank) }),
	"milora":              goldenMiLoRA,
	"ailora":              goldenAILoRA,
	"corda_ipm":           goldenCorDA(Largest),
	"corda_kpm":           goldenCorDA(Smallest),
	"corda_scaling":       goldenCorDAScaling,
	"lora_ga_official":    goldenLoRAGA,
	"lora_ga_peft":        goldenLoRAGAInPEFT,
	"orthogonal":          goldenOrthogonal,
	"eva_rho":             goldenEVA,
	"eva_incremental_pca": goldenPCA,
	"first_step":          goldenFirstStep,
}

func TestGoldenStarts(t *testing.T) {
	all := func(string) bool { return true }
	linalgtest.Cases(t, "lora/init", all, func(t *testing.T, g *linalgtest.Case) {
		name := ""
		for prefix := range cases {
			if strings.HasPrefix(g.Name, prefix) && len(prefix) > len(name) {
				name = prefix
			}
		}
		if name == "" {
			linalgtest.Settle(t, "lora/init/"+g.Name, fmt.Errorf("no test runs this case"))
			return
		}
		p := linalgtest.Params[goldenParams](t, g)
		p.Scaling = max(p.Scaling, p.S)
		cases[name](t, g, p)
		g.Done(t)
	})
}

// layers are the modules of a case: what stands before ".W".
func layers(g *linalgtest.Case) (out []string) {
	for _, name := range g.Names() {
		if layer, ok := strings.CutSuffix(name, ".W"); ok {
			out = append(out, layer)
		}
	}
	return out
}

// check compares a start with what is stored under at. The residual is taken with the signs
// of the stored factors: from unlike triples it is unique only up to them.
func check(t *testing.T, g *linalgtest.Case, at string, w linalg.Dense, st Start, scale float64, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	g.Check(t, at+"A", st.A.Data)
	g.Check(t, at+"B", st.B.Data)
	st.A = linalgtest.Signed("sign_rows", st.A, g.Get(t, at+"A"))
	st.B = linalgtest.Signed("sign_cols", st.B, g.Get(t, at+"B"))
	if g.Has(at + "W_res") {
		g.Check(t, at+"W_res", st.Residual(w, scale).Data)
	}
}

// weights are the cases that need the weight alone.
func weights(begin func(linalg.Dense, int, float64) (Start, error)) func(*testing.T, *linalgtest.Case, goldenParams) {
	return func(t *testing.T, g *linalgtest.Case, p goldenParams) {
		for _, layer := range layers(g) {
			w := g.Get(t, layer+".W")
			st, err := begin(w, p.R, p.Scaling)
			check(t, g, layer+".", w, st, p.Scaling, err)
			checkSigma(t, g, layer+".sigma", w)
		}
	}
}

func checkSigma(t *testing.T, g *linalgtest.Case, name string, w linalg.Dense) {
	t.Helper()
	if !g.Has(name) {
		return
	}
	d, err := factor.Decompose(w)
	if err != nil {
		t.Fatal(err)
	}
	g.Check(t, name, d.Sigma)
}

// given is a choice that the case made.
func given(t *testing.T, g *linalgtest.Case, name string) Choice {
	index := g.Get(t, name).Data
	return func(_, _ int) (out []int) {
		for _, i := range index {
			out = append(out, int(i))
		}
		return out
	}
}

func goldenMiLoRA(t *testing.T, g *linalgtest.Case, p goldenParams) {
	for _, layer := range layers(g) {
		w := g.Get(t, layer+".W")
		q := min(w.Rows, w.Cols)
		checkSigma(t, g, layer+".sigma", w)
		for mode, choose := range map[string]Choice{"min": Smallest, "mid": Middle, "max": Largest, "random": given(t, g, layer+".random.index")} {
			at := layer + "." + mode + "."
			st, err := Chosen(w, p.R, p.Scaling, choose)
			if mode == "min" {
				st, err = MiLoRA(w, p.R, p.Scaling)
			}
			check(t, g, at, w, st, p.Scaling, err)
			g.Check(t, at+"sBA", linalg.Mul(st.B, st.A).Scaled(p.Scaling).Data)
			if mode != "random" {
				var index []float64
				for _, i := range choose(q, p.R) {
					index = append(index, float64(i))
				}
				g.Check(t, at+"index", index)
			}
		}
	}
}

func goldenAILoRA(t *testing.T, g *linalgtest.Case, p goldenParams) {
	arms := map[string]Arm{
		"ailora": AILoRA(), "swapped": Swapped(), "pissa_qv": Principal(), "milora_qv": Minor(), "middle": Central(),
		"random": {given(t, g, "Q.random.index"), given(t, g, "V.random.index")},
	}
	for _, name := range g.Names() {
		at, ok := strings.CutSuffix(name, "A")
		words := strings.Split(at, ".")
		if !ok || len(words) != 4 || !strings.HasPrefix(words[1], "s") {
			continue
		}
		var scale float64
		if _, err := fmt.Sscanf(words[1], "s%g", &scale); err != nil {
			t.Fatal(err)
		}
		w := g.Get(t, words[2]+".W")
		arm, known := arms[words[0]]
		choose := arm.Query
		if words[2] == "V" {
			choose = arm.Value
		}
		var st Start
		var err error
		switch {
		case words[0] == "norm_matched":
			choose = AILoRA().Query
			if words[2] == "V" {
				choose = AILoRA().Value
			}
			st, err = NormMatched(w, g.Get(t, words[2]+".norm_matched.P"), g.Get(t, words[2]+".norm_matched.R"), scale, choose)
		case known:
			st, err = Chosen(w, p.R, scale, choose)
		default:
			t.Fatalf("no arm %q", words[0])
		}
		check(t, g, at, w, st, scale, err)
	}
	for layer, choose := range map[string]Choice{"Q": Largest, "V": Smallest} {
		w := g.Get(t, layer+".W")
		checkSigma(t, g, layer+".sigma", w)
		wrongReadings(t, g, layer, w, p.R, choose)
		var export linalg.ProductSum
		export.Add(2, g.Get(t, "export."+layer+".B1"), g.Get(t, "export."+layer+".A1"))
		export.Add(-2, g.Get(t, "export."+layer+".B0"), g.Get(t, "export."+layer+".A0"))
		g.Check(t, "export."+layer+".delta", export.Dense().Data)
	}
}

// wrongReadings are what the paper's reviews leave open at s = 2: factors without 1/s. Ours,
// at s = 1, are those factors.
func wrongReadings(t *testing.T, g *linalgtest.Case, layer string, w linalg.Dense, rank int, choose Choice) {
	st, err := Chosen(w, rank, 1, choose)
	if err != nil {
		t.Fatal(err)
	}
	part := linalg.Mul(st.B, st.A)
	g.Check(t, "no_inverse_s.subtract_WI."+layer+".start_error", part.Data)
	g.Check(t, "no_inverse_s.subtract_sBA."+layer+".trained_part", part.Scaled(2).Data)
}

// calls gathers the moment of the first n inputs X0, X1, … of a layer.
func calls(t *testing.T, g *linalgtest.Case, layer string, n int, perCall bool) linalg.Dense {
	s := Second{PerCall: perCall}
	for j := range n {
		if err := s.Add(g.Get(t, fmt.Sprintf("%s.X%d", layer, j))); err != nil {
			t.Fatal(err)
		}
	}
	return s.Mean()
}

// inFloat32 is the moment by PEFT's scaling with each quotient rounded to float32, as PEFT
// has it.
func inFloat32(t *testing.T, g *linalgtest.Case, layer string) linalg.Dense {
	s := Second{PerCall: true}
	for j := 0; g.Has(fmt.Sprintf("%s.X%d", layer, j)); j++ {
		x := g.Get(t, fmt.Sprintf("%s.X%d", layer, j))
		top := math.Abs(slices.Max(x.Data))
		for i, v := range x.Data {
			x.Data[i] = float64(float32(v) / float32(top))
		}
		if err := s.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	return s.Mean()
}

func goldenCorDA(choose Choice) func(*testing.T, *linalgtest.Case, goldenParams) {
	return func(t *testing.T, g *linalgtest.Case, p goldenParams) {
		for _, layer := range layers(g) {
			w, c := g.Get(t, layer+".W"), inFloat32(t, g, layer)
			g.Check(t, layer+".C", c.Data)
			st, err := CorDA(w, c, p.R, p.Scaling, choose)
			check(t, g, layer+".", w, st, p.Scaling, err)
			damped, _, err := Damped(c)
			if err != nil {
				t.Fatal(err)
			}
			checkSigma(t, g, layer+".sigma_WC", linalg.Mul(w, damped))
		}
	}
}

func goldenCorDAScaling(t *testing.T, g *linalgtest.Case, p goldenParams) {
	for _, layer := range layers(g) {
		w := g.Get(t, layer+".W")
		for span, n := range map[string]int{"three_calls": 3, "one_call": 1} {
			for mode, choose := range map[string]Choice{"ipm": Largest, "kpm": Smallest} {
				at := path.Join(layer + "." + span + "." + mode)
				products := map[string]linalg.Dense{}
				for arm, perCall := range map[string]bool{"peft": true, "plain": false} {
					st, err := CorDA(w, calls(t, g, layer, n, perCall), p.R, p.Scaling, choose)
					check(t, g, at+"."+arm+".", w, st, p.Scaling, err)
					products[arm] = linalg.Mul(st.B, st.A)
				}
				plain := linalg.Norm(products["plain"].Data)
				products["peft"].Add(-1, products["plain"])
				g.Check(t, at+".BA_difference", []float64{linalg.Norm(products["peft"].Data) / plain})
			}
		}
	}
}

var sizes = map[string]Size{"stable": Stable, "gd": Descent, "gd_scale": Descent, "unit": Unit, "weightS": Weight, "weight_svd": Weight}

func goldenLoRAGA(t *testing.T, g *linalgtest.Case, p goldenParams) {
	w, grad := g.Get(t, "W"), g.Get(t, "G")
	checkSigma(t, g, "sigma_G", grad)
	for name, size := range sizes {
		if g.Has(name + ".A") {
			st, err := LoRAGA(w, grad, p.R, p.Scaling, p.Gamma, size)
			check(t, g, name+".", w, st, p.Scaling, err)
		}
	}
}

func goldenLoRAGAInPEFT(t *testing.T, g *linalgtest.Case, p goldenParams) {
	direction := Direction(slices.Index([]string{"ArB2r", "A2rBr", "ArBr"}, p.Direction))
	for _, layer := range layers(g) {
		w := g.Get(t, layer+".W")
		rows := w.Rows
		if layer == "conv" {
			rows = w.Cols
		}
		st, err := LoRAGAInPEFT(w, g.Get(t, layer+".G"), p.R, p.Scaling, p.Stable, sizes[p.Scale], direction, rows)
		check(t, g, layer+".", w, st, p.Scaling, err)
	}
}

func goldenOrthogonal(t *testing.T, g *linalgtest.Case, p goldenParams) {
	for _, name := range g.Names() {
		if layer, ok := strings.CutSuffix(name, ".X"); ok {
			st, err := Orthogonal(g.Get(t, name), g.Get(t, layer+".NA"), g.Get(t, layer+".NB"))
			check(t, g, layer+".", linalg.Dense{}, st, p.Scaling, err)
			if n := linalg.Norm(linalg.Mul(st.B, st.A).Data); n > 1e-14 {
				t.Errorf("%s: the product has norm %.2g, expected 0", layer, n)
			}
		}
	}
}

func goldenEVA(t *testing.T, g *linalgtest.Case, p goldenParams) {
	rows := linalgtest.Table[struct {
		Module, Input string
		Rank          int
	}](t, g, "modules")
	var explained [][]float64
	var found []*PCA
	for _, row := range rows {
		pca := NewPCA(int(math.Round(float64(p.R) * p.Rho)))
		if err := pca.Add(g.Get(t, row.Input)); err != nil {
			t.Fatal(err)
		}
		byMoments(t, row.Module, g.Get(t, row.Input), pca)
		found, explained = append(found, pca), append(explained, pca.Explained())
		if owner := strings.TrimSuffix(row.Input, ".X"); owner == row.Module {
			g.Check(t, owner+".explained_variance_ratio", pca.Explained())
		}
	}
	together := map[string]int{}
	for i, rank := range Share(explained, p.R*len(rows)) {
		together[rows[i].Input] += rank
	}
	for _, row := range linalgtest.Table[struct {
		Input string
		Ranks int `json:"ranks_together"`
	}](t, g, "rank_per_input") {
		if together[row.Input] != row.Ranks {
			t.Errorf("%s: ranks of %d together, expected %d", row.Input, together[row.Input], row.Ranks)
		}
	}
	for i, row := range rows {
		if row.Rank == 0 {
			continue
		}
		st, err := EVA(found[i], 1, row.Rank)
		if err != nil {
			t.Fatal(err)
		}
		g.Check(t, row.Module+".A", st.A.Data)
	}
}

func goldenPCA(t *testing.T, g *linalgtest.Case, p goldenParams) {
	pca := NewPCA(p.K)
	for b := 0; g.Has(fmt.Sprintf("X%d", b)); b++ {
		if err := pca.Add(g.Get(t, fmt.Sprintf("X%d", b))); err != nil {
			t.Fatal(err)
		}
		g.Check(t, fmt.Sprintf("components%d", b), pca.Axes.Data)
		g.Check(t, fmt.Sprintf("singular_values%d", b), pca.Sigma)
		g.Check(t, fmt.Sprintf("mean%d", b), pca.Mean)
	}
}
