package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/par"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// rounding is a random model and the same that rounds to a type.
func rounding(t *testing.T, c Config, seed uint64, to string) (plain, rounds *Model) {
	t.Helper()
	plain = randomModel(t, c, rng.New(seed).Stream())
	rounds, err := plain.Rounding(to)
	if err != nil {
		t.Fatal(err)
	}
	return plain, rounds
}

// A model rounds the weights of its maps and nothing else, however it came to round; those that
// are changed are float32.
func TestRoundingModelsHoldRoundedMaps(t *testing.T) {
	for i, to := range []string{"BF16", "BF16", "F16"} {
		round, format := kernel.Round, kernel.Rounded
		if to == "F16" {
			round, format = kernel.RoundHalf, kernel.RoundedHalf
		}
		plain, m := rounding(t, small(i > 0), 71, to)
		read, err := LoadAs(plain.config, stored(t, plain, "F32"), Form{Products: to})
		if err != nil {
			t.Fatal(err)
		}
		alike(t, "read", read, m)
		delta := map[string][]float32{"0.q": slices.Repeat([]float32{0.1}, len(plain.Tensors().List[1].Data))}
		moved, err := WithDelta(m, delta)
		if err != nil {
			t.Fatal(err)
		}
		other, err := moved.With(linalg.Tensors{List: plain.Tensors().List[1:2]})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []*Model{m, read, moved, other} {
			for i, p := range x.maps {
				want := format
				if p != m.maps[i] && p != read.maps[i] {
					want = kernel.Float32
				}
				if p.forward.Format() != want || p.backward().Format() != want || x.Rounds() != format {
					t.Errorf("map %d is held as %v and %v; want %v", i, p.forward.Format(), p.backward().Format(), want)
				}
			}
		}
		q, err := moved.Weight("0.q")
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range q {
			if want := round(plain.Tensors().List[1].Data[i]); x != float32(float64(want)+float64(float32(0.1))) {
				t.Fatalf("number %d is %g after a delta of 0.1 on %g", i, x, want)
			}
		}
		for i, s := range m.slots {
			want := slices.Clone(plain.Tensors().List[i].Data)
			if s.to != toVector {
				for j, x := range want {
					want[j] = round(x)
				}
			}
			numtest.Same(t, s.name, m.Tensors().List[i].Data, want)
		}
	}
}

// What a rounding model computes is near to what the plain one does, is not the same, and
// does not depend on what else is in the batch or on threads.
func TestRoundingModelsAreNearAndStandAlone(t *testing.T) {
	for to, least := range map[string]float64{"BF16": 1e-5, "F16": 1e-6} {
		t.Run(to, func(t *testing.T) { nearAndAlone(t, to, least, least*3000) })
	}
}

func nearAndAlone(t *testing.T, to string, least, most float64) {
	t.Helper()
	plain, m := rounding(t, small(false), 72, to)
	s := rng.New(73).Stream()
	b := raggedBatch(m.config, s)
	pass := func(m *Model, b Batch) []float32 {
		r := NewRunner(m)
		trained(t, r, rng.New(74).Stream())
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		return r.Logits(nil)
	}
	want, got := pass(plain, b), pass(m, b)
	var off, size float64
	for i, x := range want {
		off, size = off+math.Pow(float64(x-got[i]), 2), size+math.Pow(float64(x), 2)
	}
	if ratio := math.Sqrt(off / size); !(ratio > least && ratio < most) {
		t.Errorf("logits differ by %g of their size; expected from %g to %g", ratio, least, most)
	}
	parts := make([][]float32, len(b.IDs))
	par.For(len(b.IDs), 2, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			parts[i] = pass(m, pick(b, i))
		}
	})
	numtest.Same(t, "alone", slices.Concat(parts...), got)
}

// Training an adapter over rounded products goes the way that it goes over float32.
func TestTrainingOverRoundedProducts(t *testing.T) {
	for _, to := range []string{"BF16", "F16"} {
		t.Run(to, func(t *testing.T) { trainsAlike(t, to) })
	}
}

func trainsAlike(t *testing.T, to string) {
	t.Helper()
	plain, m := rounding(t, small(true), 75, to)
	train := func(m *Model) (first, last float64) {
		s := rng.New(76).Stream()
		b, r := raggedBatch(m.config, s), NewRunner(m)
		_, params := trained(t, r, s)
		adam := NewAdamW(0.9, 0.999, 1e-8, 0)
		for i := range 60 {
			loss, _, err := r.Learn(b, nil)
			if err != nil {
				t.Fatal(err)
			}
			if last = loss.Mean(); i == 0 {
				first = last
			}
			adam.Step(params, 0.02)
			ZeroGrads(params)
		}
		return first, last
	}
	first, want := train(plain)
	_, got := train(m)
	if !(want < 0.8*first) {
		t.Fatalf("float32 did not learn: %g to %g", first, want)
	}
	if d := math.Abs(got - want); !(d < 0.03*want) || d == 0 {
		t.Errorf("the loss went from %g to %g; in float32 to %g", first, got, want)
	}
}

// A weight that is trained is multiplied by in float32, from its rounded number on.
func TestTrainedWeightsOfARoundingModelAreFloat32(t *testing.T) {
	_, m := rounding(t, small(false), 77, "BF16")
	r := NewRunner(m)
	params := r.TrainBase(func(name string) bool { return strings.Contains(name, "q_proj") })
	b := raggedBatch(m.config, rng.New(78).Stream())
	if _, _, err := r.Learn(b, nil); err != nil {
		t.Fatal(err)
	}
	NewAdamW(0.9, 0.999, 1e-8, 0).Step(params, 1e-4)
	after := r.Model()
	for i, l := range after.linears {
		want := kernel.Rounded
		if r.base.trains(l.id) {
			want = kernel.Float32
		}
		if got := after.maps[i].forward.Format(); got != want {
			t.Errorf("map %d is held as %v; want %v", i, got, want)
		}
	}
}

func TestAStepOverRoundedProductsAllocatesNothing(t *testing.T) {
	_, m := rounding(t, small(false), 79, "BF16")
	s := rng.New(80).Stream()
	b, r := raggedBatch(m.config, s), NewRunner(m)
	_, params := trained(t, r, s)
	adam := NewAdamW(0.9, 0.999, 1e-8, 0)
	step := func() {
		if _, _, err := r.Learn(b, nil); err != nil {
			t.Fatal(err)
		}
		adam.Step(params, 1e-3)
		ZeroGrads(params)
	}
	step()
	if n := testing.AllocsPerRun(5, step); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}

func TestFormsThatThereAreNot(t *testing.T) {
	m := randomModel(t, small(false), rng.New(81).Stream())
	if _, err := LoadAs(m.config, nil, Form{Products: "F8"}); err == nil || !strings.Contains(err.Error(), `rounded to "F8"; expected BF16 or F16`) {
		t.Errorf("F8: %v", err)
	}
	ts := stored(t, m, "F32")
	data := slices.Repeat([]float32{1}, product(ts[1].Shape))
	data[5] = math.MaxFloat32
	var err error
	if ts[1], err = safetensors.FromFloats(ts[1].Name, "F32", ts[1].Shape, data); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadAs(m.config, ts, Form{Products: "BF16"}); err == nil || !strings.Contains(err.Error(), ts[1].Name+`" has 3.4028235e+38 at place 5, which bf16 cannot hold`) {
		t.Errorf("a number too large: %v", err)
	}
	plain, half, err := Held(m.config, ts, Form{})
	if err != nil {
		t.Fatal(err)
	}
	forward, training, err := Held(m.config, ts, Form{Products: "BF16"})
	if err != nil || forward >= plain || training >= half {
		t.Errorf("rounding takes %d and %d bytes, float32 %d and %d (%v)", forward, training, plain, half, err)
	}
}
