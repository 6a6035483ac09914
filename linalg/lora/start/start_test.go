package start

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
)

// weight has a spectrum that decays, so that no choice of triples is degenerate.
func weight(rows, cols int) linalg.Dense {
	q := min(rows, cols)
	u, err := Directions(rng.New(1).At("u"), rows, q)
	if err != nil {
		panic(err)
	}
	v, err := Directions(rng.New(1).At("v"), cols, q)
	if err != nil {
		panic(err)
	}
	sigma := make([]float64, q)
	for i := range sigma {
		sigma[i] = 4 * math.Pow(float64(i+1), -0.6)
	}
	return factor.SVD{U: u, Sigma: sigma, V: v}.Product()
}

// Whatever the start, the model first computes what it did: W − s·B·A + s·B·A is W, the
// pair's change is 0, and so is that of the pair as it is exported.
func TestStartsChangeNothing(t *testing.T) {
	w := weight(14, 18)
	key := rng.New(5)
	var second Second
	pca := NewPCA(6)
	x := gaussian(key.At("x"), 40, 18)
	for _, err := range []error{second.Add(x), pca.Add(x)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	grad := gaussian(key.At("g"), 14, 18)
	begin := map[string]func() (Start, error){
		"pissa":      func() (Start, error) { return PiSSA(w, 4, 2) },
		"fast pissa": func() (Start, error) { return FastPiSSA(w, 4, 2, 2, key) },
		"milora":     func() (Start, error) { return MiLoRA(w, 4, 2) },
		"random":     func() (Start, error) { return Chosen(w, 4, 2, Random(key).Query) },
		"olora":      func() (Start, error) { return OLoRA(w, 4, 2) },
		"mica":       func() (Start, error) { return MiCA(w, 4) },
		"corda":      func() (Start, error) { return CorDA(w, second.Mean(), 4, 2, Largest) },
		"lora-ga":    func() (Start, error) { return LoRAGA(w, grad, 4, 2, 16, Stable) },
		"lora-ga of peft": func() (Start, error) {
			return LoRAGAInPEFT(w, grad, 4, 2, 16, Weight, ArBr, 14)
		},
		"orthogonal": func() (Start, error) { return DrawOrthogonal(key, 14, 18, 4) },
		"eva":        func() (Start, error) { return EVA(pca, 14, 4) },
	}
	for name, f := range begin {
		st, err := f()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := f()
		if err != nil || !reflect.DeepEqual(again, st) {
			t.Errorf("%s: made again, it is another (%v)", name, err)
		}
		sum := st.Residual(w, 2)
		sum.Add(2, linalg.Mul(st.B, st.A))
		sum.Add(-1, w)
		if n := linalg.Norm(sum.Data); n > 1e-13 {
			t.Errorf("%s: the base moves by %.2g", name, n)
		}
		p := st.Pair(lora.Module{Name: "0.q", Out: 14, In: 18}, 2)
		if err := (lora.Adapter{p}).Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := linalg.Norm(p.Delta().Data); n > 1e-6 {
			t.Errorf("%s: the pair begins with a change of %.2g", name, n)
		}
	}
}

// With enough passes the fast start is the exact one.
func TestFastPiSSAIsNear(t *testing.T) {
	w := weight(60, 50)
	exact, err := PiSSA(w, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	fast, err := FastPiSSA(w, 3, 1, 6, rng.New(2))
	if err != nil {
		t.Fatal(err)
	}
	off := linalg.Mul(fast.B, fast.A)
	off.Add(-1, linalg.Mul(exact.B, exact.A))
	if n := linalg.Norm(off.Data); n > 1e-3 {
		t.Errorf("the fast triples are %.2g away", n)
	}
}

func TestShare(t *testing.T) {
	got := Share([][]float64{{0.5, 0.1, 0.05}, {0.4, 0.1}, {0.02}}, 4)
	if want := []int{2, 2, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("ranks %v, expected %v", got, want)
	}
	if got := Share([][]float64{{0.5, 0.1}, {0.1}}, 2); !reflect.DeepEqual(got, []int{2, 0}) {
		t.Errorf("equals go to %v, expected the layer that comes first", got)
	}
	if got := Share([][]float64{{0.5}}, 7); got[0] != 1 {
		t.Errorf("more budget than directions: %v", got)
	}
}

func TestStartsRefuse(t *testing.T) {
	w := weight(6, 8)
	bad := w.Scaled(1)
	bad.Data[3] = math.NaN()
	only := func(_ Start, err error) error { return err }
	var none Second
	for name, c := range map[string]struct {
		err   error
		words string
	}{
		"rank 7 of 6":      {only(PiSSA(w, 7, 1)), "rank 7"},
		"rank 0":           {only(OLoRA(w, 0, 1)), "rank 0"},
		"scale 0":          {only(MiLoRA(w, 2, 0)), "scale 0"},
		"NaN":              {only(PiSSA(bad, 2, 1)), "not finite"},
		"passes":           {only(FastPiSSA(w, 2, 1, -1, rng.New(1))), "-1 passes"},
		"triple 9":         {only(Spectral(factor.SVD{}, []int{9}, 1)), "triple 9 of 0"},
		"gradient's shape": {only(LoRAGA(w, weight(8, 6), 2, 1, 16, Unit)), "8×6"},
		"gradient's rank":  {only(LoRAGA(w, w, 4, 1, 16, Unit)), "2×rank = 8"},
		"gamma":            {only(LoRAGA(w, w, 2, 1, 0, Stable)), "gamma 0"},
		"direction":        {only(LoRAGAInPEFT(w, w, 2, 1, 16, Unit, 9, 6)), "direction 9"},
		"odd rank":         {only(DrawOrthogonal(rng.New(1), 6, 8, 3)), "even rank"},
		"moment's shape":   {only(CorDA(w, weight(6, 6), 2, 1, Largest)), "6×6"},
		"no inputs":        {only(CorDA(w, linalg.NewDense(8, 8), 2, 1, Largest)), "any inputs"},
		"empty call":       {none.Add(linalg.NewDense(0, 8)), "at least one token"},
		"zero call":        {(&Second{PerCall: true}).Add(linalg.NewDense(2, 8)), "largest input of a call is 0"},
		"directions":       {only(NormMatched(w, weight(5, 2), weight(8, 2), 1, Largest)), "5×2"},
		"few directions":   {only(EVA(NewPCA(3), 6, 2)), "0 directions"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.words) {
			t.Errorf("%s: the error is %v, expected one with %q", name, c.err, c.words)
		}
	}
}
