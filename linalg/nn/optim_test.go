package nn

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
)

func one(x, g float32) []Param {
	return []Param{{"p", []float32{x, -x}, []float32{g, -g}, 1}}
}

// By hand: at the first step m̂ = g and v̂ = g², so the step is rate·g/(|g|+eps), after
// the decay by 1 − rate·decay.
func TestAdamWFirstStepByHand(t *testing.T) {
	p := one(2, 0.5)
	NewAdamW(0.9, 0.999, 1e-3, 0.1).Step(p, 0.01)
	want := 2*(1-0.01*0.1) - 0.01*0.5/(0.5+1e-3)
	numtest.CloseWide(t, "p", wide(p[0].Value), []float64{want, -want}, 2e-7)
}

func TestOptimiserResumesFromItsMemory(t *testing.T) {
	for name, make := range map[string]func() Optimiser{
		"adamw": func() Optimiser { return NewAdamW(0.9, 0.99, 1e-8, 0.01) },
		"sgd":   func() Optimiser { return NewSGD(0.9, 0.01) },
	} {
		through, p := make(), one(1, 0.3)
		through.Step(p, 0.1)
		cut, q := make(), one(p[0].Value[0], 0.3)
		*cut.Memory() = Moments{through.Memory().Steps, append([]float32(nil), through.Memory().First...), append([]float32(nil), through.Memory().Second...)}
		if len(through.Memory().Second) == 0 {
			cut.Memory().Second = nil
		}
		q[0].Value[1] = p[0].Value[1]
		for _, x := range []Param{p[0], q[0]} { // with a constant gradient AdamW's memory cancels out
			x.Grad[0], x.Grad[1] = -0.1, 0.2
		}
		through.Step(p, 0.1)
		cut.Step(q, 0.1)
		numtest.Same(t, name, q[0].Value, p[0].Value)
		fresh, f := make(), one(p[0].Value[0], -0.1)
		fresh.Step(f, 0.1)
		through.Step(p, 0.1)
		if f[0].Value[0] == p[0].Value[0] {
			t.Errorf("%s: memory makes no difference", name)
		}
	}
}

// PyTorch's SGD: d = g + decay·p; m = momentum·m + d; p −= rate·m.
func TestSGDByHand(t *testing.T) {
	o, p := NewSGD(0.5, 0.1), one(2, 1)
	m := 1 + 0.1*2.0
	x := 2 - 0.1*m
	o.Step(p, 0.1)
	m = 0.5*m + 1 + 0.1*x
	x -= 0.1 * m
	o.Step(p, 0.1)
	numtest.CloseWide(t, "p", wide(p[0].Value)[:1], []float64{x}, 1e-6)
}

func TestTimesMultipliesTheRate(t *testing.T) {
	p, q := one(1, 1), one(1, 1)
	q[0].Times = 2
	NewSGD(0, 0).Step(p, 0.25)
	NewSGD(0, 0).Step(q, 0.125)
	numtest.Same(t, "p", p[0].Value, q[0].Value)
}

func TestClipNorm(t *testing.T) {
	p := one(1, 3) // norm 3√2
	norm := ClipNorm(p, 1)
	if math.Abs(norm-3*math.Sqrt2) > 1e-12 || math.Abs(GradNorm(p)-1) > 1e-5 {
		t.Errorf("norm %v, after %v", norm, GradNorm(p))
	}
	q := one(1, 0.1)
	ClipNorm(q, 1)
	if q[0].Grad[0] != 0.1 {
		t.Errorf("a small gradient became %v", q[0].Grad[0])
	}
	bad := one(1, float32(math.Inf(1)))
	if n := ClipNorm(bad, 1); !math.IsInf(n, 1) || !math.IsInf(float64(bad[0].Grad[0]), 1) {
		t.Errorf("an infinite gradient: norm %v, gradient %v", n, bad[0].Grad)
	}
}

func TestScheduleRates(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		want []float64
	}{
		{Schedule{Name: "constant"}, []float64{1, 1, 1}},
		{Schedule{Name: "constant", Warmup: 2}, []float64{0.5, 1, 1, 1}},
		{Schedule{Name: "constant", Warmup: 2, FromZero: true}, []float64{0, 0.5, 1, 1}},
		{Schedule{Name: "linear", Total: 4}, []float64{1, 0.75, 0.5, 0.25, 0, 0}},
		{Schedule{Name: "linear", Warmup: 2, Total: 4, FromZero: true}, []float64{0, 0.5, 1, 0.5, 0}},
		{Schedule{Name: "cosine", Warmup: 1, Total: 5}, []float64{1, 1, 0.5 * (1 + math.Sqrt2/2), 0.5, 0.5 * (1 - math.Sqrt2/2), 0, 0}},
	} {
		if err := c.s.Check(); err != nil {
			t.Error(err)
		}
		got := make([]float64, len(c.want))
		for i := range got {
			got[i] = c.s.Rate(i)
		}
		numtest.CloseWide(t, c.s.Name, got, c.want, 1e-12)
	}
	for _, bad := range []Schedule{{Name: "step"}, {Name: "linear"}, {Name: "constant", Warmup: -1}} {
		if bad.Check() == nil {
			t.Errorf("%+v passed", bad)
		}
	}
}
