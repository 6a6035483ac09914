package numtest

import (
	"math"
	"testing"
)

// judge stands in for a test and notes whether it failed.
type judge struct {
	testing.TB
	failed bool
}

func (j *judge) Helper()               {}
func (j *judge) Errorf(string, ...any) { j.failed = true }
func (j *judge) Fatalf(string, ...any) { j.failed = true }

func TestCloseCanFail(t *testing.T) {
	for _, c := range []struct {
		got, want []float32
		tol       float64
		fail      bool
	}{
		{[]float32{1, 2}, []float32{1, 2}, 0, false},
		{[]float32{1, 2.1}, []float32{1, 2}, 0.11, false},
		{[]float32{1, 2.1}, []float32{1, 2}, 0.09, true},
		{[]float32{1}, []float32{1, 2}, 1, true},
		{[]float32{float32(math.NaN())}, []float32{float32(math.NaN())}, 1, true},
	} {
		j := &judge{}
		if Close(j, "x", c.got, c.want, c.tol); j.failed != c.fail {
			t.Errorf("Close(%v, %v, %g) failed: %v; want %v", c.got, c.want, c.tol, j.failed, c.fail)
		}
	}
	j := &judge{}
	if Same(j, "x", []float32{0}, []float32{float32(math.Copysign(0, -1))}); !j.failed {
		t.Error("0 and −0 have the same bits")
	}
}

func TestGradientCanFail(t *testing.T) {
	x := []float64{0.5, -2}
	f := func() float64 { return x[0]*x[0]*x[1] + math.Sin(x[1]) }
	right := []float32{float32(2 * 0.5 * -2), float32(0.25 + math.Cos(-2))}
	Gradient(t, "f", x, right, f, 1e-6)
	right[1] += 1e-4
	j := &judge{}
	if Gradient(j, "f", x, right, f, 1e-6); !j.failed {
		t.Error("a wrong gradient passed")
	}
	if x[0] != 0.5 || x[1] != -2 {
		t.Errorf("x was left at %v", x)
	}
}
