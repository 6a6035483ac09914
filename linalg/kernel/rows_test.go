package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func TestExpIsWithinTwoUnits(t *testing.T) {
	worst := 0.0
	for x := float32(-87.3); x < 88.7; x += 0.00137 {
		want := math.Exp(float64(x))
		f := float32(want)
		unit := float64(math.Nextafter32(f, float32(math.Inf(1)))) - float64(f)
		worst = max(worst, math.Abs(float64(Exp(x))-want)/unit)
	}
	if worst > 2 {
		t.Errorf("off by %.2f units in the last place", worst)
	}
	for _, c := range []struct{ x, want float32 }{{0, 1}, {-200, 0}, {float32(math.Inf(-1)), 0}, {200, float32(math.Inf(1))}, {float32(math.Inf(1)), float32(math.Inf(1))}} {
		if got := Exp(c.x); got != c.want {
			t.Errorf("Exp(%v) = %v; want %v", c.x, got, c.want)
		}
	}
	if nan := Exp(float32(math.NaN())); nan == nan {
		t.Errorf("Exp(NaN) = %v", nan)
	}
}

func TestLogIsWithinOneUnit(t *testing.T) {
	for x := 1e-10; x < 1e12; x *= 1.0037 {
		want := math.Log(x)
		unit := math.Abs(math.Nextafter(want, math.Inf(1)) - want)
		if d := math.Abs(Log(x) - want); d > unit {
			t.Fatalf("Log(%g) = %.17g; want %.17g", x, Log(x), want)
		}
	}
	if Log(1) != 0 {
		t.Errorf("Log(1) = %g", Log(1))
	}
}

func TestSoftmaxThereAndBack(t *testing.T) {
	s := rng.New(3).Stream()
	x, g := draw(s, 13), draw(s, 13)
	const scale = 0.7
	p := append([]float32(nil), x...)
	Softmax(p, scale)
	var sum float64
	for _, v := range p {
		sum += float64(v)
	}
	numtest.CloseWide(t, "sum", []float64{sum}, []float64{1}, 1e-6)

	at := wide(x)
	f := func() (out float64) {
		var z float64
		for _, v := range at {
			z += math.Exp(scale * v)
		}
		for i, v := range at {
			out += float64(g[i]) * math.Exp(scale*v) / z
		}
		return out
	}
	d := append([]float32(nil), g...)
	SoftmaxBack(d, p, scale)
	numtest.Gradient(t, "softmax", at, d, f, 1e-6)
	huge := []float32{1e4, -1e4, 1e4}
	Softmax(huge, 1)
	numtest.Close(t, "large scores", huge, []float32{0.5, 0, 0.5}, 0)
}

func TestCrossEntropyThereAndBack(t *testing.T) {
	s := rng.New(4).Stream()
	x := draw(s, 9)
	at := wide(x)
	const label, weight = 4, 0.3
	f := func() float64 {
		var z float64
		for _, v := range at {
			z += math.Exp(v)
		}
		return weight * (math.Log(z) - at[label])
	}
	loss, hit := CrossEntropy(x, label)
	numtest.CloseWide(t, "loss", []float64{weight * loss}, []float64{f()}, 1e-7)
	if hit != (ArgMax(x) == label) {
		t.Error("hit and ArgMax disagree")
	}
	d := append([]float32(nil), x...)
	of := []Labelled{{Label: label, Weight: weight}}
	CrossEntropyBack(point(Of(d, 1, len(d))), of)
	if of[0].Nats != loss || of[0].Correct != hit {
		t.Errorf("on the way back %g, %v; alone %g, %v", of[0].Nats, of[0].Correct, loss, hit)
	}
	numtest.Gradient(t, "cross-entropy", at, d, f, 1e-6)
	if _, hit := CrossEntropy([]float32{1, 2, 2}, 2); hit {
		t.Error("the second of equals counts as first choice")
	}
}

// Rows together, with gaps between them, are what each is by itself, to the bit.
func TestLossesOfManyRows(t *testing.T) {
	s := rng.New(41).Stream()
	for _, cols := range []int{1, 2, 15, 16, 40, 64, 130, 1024, 5000} {
		const rows = 19
		all := Of(draw(s, rows*(cols+3)), rows, cols+3).ColRange(0, cols)
		of := make([]Labelled, rows)
		for i := range of {
			of[i] = Labelled{Label: s.IntN(cols), Weight: float32(s.Float64())}
			if i%3 == 0 {
				of[i].Label = ArgMax(all.Row(i))
			}
			if i%6 == 0 { // of equals the first counts
				all.Row(i)[s.IntN(cols)] = all.Row(i)[of[i].Label]
			}
		}
		together := copyOf(all)
		after := slices.Clone(of)
		CrossEntropyBack(&together, after)
		for i, x := range of {
			nats, correct := CrossEntropy(all.Row(i), x.Label)
			if after[i].Nats != nats || after[i].Correct != correct || correct != (ArgMax(all.Row(i)) == x.Label) {
				t.Fatalf("%d columns, row %d: %g, %v; alone %g, %v", cols, i, after[i].Nats, after[i].Correct, nats, correct)
			}
			own, one := slices.Clone(all.Row(i)), []Labelled{x}
			CrossEntropyBack(point(Of(own, 1, cols)), one)
			if !slices.Equal(own, together.Row(i)) {
				t.Fatalf("%d columns, row %d: gradients differ", cols, i)
			}
		}
	}
}

func TestRMSNormThereAndBack(t *testing.T) {
	s := rng.New(5).Stream()
	const rows, cols, eps = 3, 8, 0.1
	x, gain, g := draw(s, rows*cols), draw(s, cols), draw(s, rows*cols)
	at, gains := wide(x), wide(gain)
	f := func() (out float64) {
		for r := range rows {
			var sum float64
			for _, v := range at[r*cols : (r+1)*cols] {
				sum += v * v
			}
			for i, v := range at[r*cols : (r+1)*cols] {
				out += float64(g[r*cols+i]) * v / math.Sqrt(sum/cols+eps) * gains[i]
			}
		}
		return out
	}
	of := func(data []float32) Matrix { return Of(data, rows, cols) }
	y, inv := make([]float32, rows*cols), make([]float32, rows)
	RMSNorm(point(of(y)), point(of(x)), gain, eps, inv)
	var got float64
	for i, v := range y {
		got += float64(g[i]) * float64(v)
	}
	numtest.CloseWide(t, "norm", []float64{got}, []float64{f()}, 2e-6)
	dx, dgain := draw(s, rows*cols), make([]float32, cols)
	before := append([]float32(nil), dx...)
	RMSNormBack(point(of(dx)), point(of(g)), point(of(x)), gain, inv, dgain)
	for i := range dx {
		dx[i] -= before[i]
	}
	numtest.Gradient(t, "x", at, dx, f, 2e-6)
	numtest.Gradient(t, "gain", gains, dgain, f, 2e-6)
	RMSNormBack(point(of(dx)), point(of(g)), point(of(x)), gain, inv, nil) // a frozen gain is no gradient's business
}

// Rows are normed as one by one, whatever lies between them.
func TestNormsGoRowByRow(t *testing.T) {
	s := rng.New(15).Stream()
	for _, n := range []int{5, 16, 37, 64, 300} {
		const rows = 70
		x, dy, gain := inside(s, rows, n), Of(draw(s, rows*n), rows, n), draw(s, n)
		for _, y := range []Matrix{inside(s, rows, n), Of(draw(s, rows*n), rows, n)} {
			alone, inv, mean, one := copyOf(y), make([]float32, rows), make([]float32, rows), make([]float32, 2)
			check := func(name string, all func(), each func(i int)) {
				all()
				for i := range rows {
					each(i)
				}
				same(t, fmt.Sprint(name, n), y, alone)
			}
			row := func(m Matrix, i int) Matrix { return m.RowRange(i, i+1) }
			check("rms", func() { RMSNorm(&y, &x, gain, 1e-5, inv) }, func(i int) { RMSNorm(point(row(alone, i)), point(row(x, i)), gain, 1e-5, one[:1]) })
			check("rms back", func() { RMSNormBack(&y, &dy, &x, gain, inv, nil) }, func(i int) {
				RMSNormBack(point(row(alone, i)), point(row(dy, i)), point(row(x, i)), gain, inv[i:], nil)
			})
			check("layer", func() { LayerNorm(&y, &x, gain, gain, 1e-5, mean, inv) }, func(i int) { LayerNorm(point(row(alone, i)), point(row(x, i)), gain, gain, 1e-5, one[:1], one[1:]) })
			check("layer back", func() { LayerNormBack(&y, &dy, &x, gain, mean, inv, nil, nil) },
				func(i int) {
					LayerNormBack(point(row(alone, i)), point(row(dy, i)), point(row(x, i)), gain, mean[i:], inv[i:], nil, nil)
				})
		}
	}
}

func TestSwiGLUThereAndBack(t *testing.T) {
	s := rng.New(6).Stream()
	gate, up, g := draw(s, 10), draw(s, 10), draw(s, 10)
	gate[0], gate[1] = 90, -90
	gates, ups := wide(gate), wide(up)
	f := func() (out float64) {
		for i, v := range gates {
			out += float64(g[i]) * v / (1 + math.Exp(-v)) * ups[i]
		}
		return out
	}
	y, dgate, dup := make([]float32, 10), make([]float32, 10), make([]float32, 10)
	SwiGLU(y, gate, up)
	var got float64
	for i, v := range y {
		got += float64(g[i]) * float64(v)
	}
	numtest.CloseWide(t, "swiglu", []float64{got}, []float64{f()}, 1e-5)
	SwiGLUBack(dgate, dup, g, gate, up)
	numtest.Gradient(t, "gate", gates, dgate, f, 1e-6)
	numtest.Gradient(t, "up", ups, dup, f, 1e-6)
}

func TestRotateThereAndBack(t *testing.T) {
	s := rng.New(7).Stream()
	cos, sin := make([]float32, 3), make([]float32, 3)
	for i := range cos {
		a := s.Float64() * 6
		cos[i], sin[i] = float32(math.Cos(a)), float32(math.Sin(a))
	}
	x := draw(s, 12)
	y := append([]float32(nil), x...)
	Rotate(Of(y, 1, 12), 6, cos, sin, false)
	want := float64(x[7])*float64(cos[1]) - float64(x[10])*float64(sin[1]) // second head: entries 1 and 1+3
	numtest.CloseWide(t, "second head", []float64{float64(y[7])}, []float64{want}, 1e-6)
	Rotate(Of(y, 1, 12), 6, cos, sin, true)
	numtest.Close(t, "there and back", y, x, 1e-6)

	cos, sin = draw(s, 5*8), draw(s, 5*8) // rows together have the bits of rows alone
	for _, half := range []int{3, 8} {
		rows := inside(s, 5, 4*half)
		want := copyOf(rows)
		for i := range want.Rows {
			Rotate(want.RowRange(i, i+1), 2*half, cos[i*half:], sin[i*half:], true)
		}
		Rotate(rows, 2*half, cos, sin, true)
		same(t, "rows together", rows, want)
	}
}

func TestAdamWAgainstFloat64(t *testing.T) {
	s := rng.New(8).Stream()
	p, g, m, v := draw(s, 20), draw(s, 20), draw(s, 20), draw(s, 20)
	for i := range v {
		v[i] *= v[i]
	}
	o := NewAdamW(0.9, 0.99, 1e-8, 0.3)
	o.Pace(0.999, 0.01)
	wp, wm, wv := wide(p), wide(m), wide(v)
	for i, d := range wide(g) {
		wm[i] = 0.9*wm[i] + 0.1*d
		wv[i] = 0.99*wv[i] + 0.01*d*d
		wp[i] = wp[i]*0.999 - 0.01*wm[i]/(math.Sqrt(wv[i])/0.3+1e-8)
	}
	o.Update(p, g, m, v)
	numtest.Close(t, "p", p, narrow(wp), 1e-6)
	numtest.Close(t, "m", m, narrow(wm), 1e-6)
	numtest.Close(t, "v", v, narrow(wv), 1e-6)
}

func TestVectors(t *testing.T) {
	y := []float32{1, 2, 3}
	Add(y, []float32{1, 1, 1})
	AddScaled(y, 2, []float32{1, 0, -1})
	Scale(y, 0.5)
	numtest.Same(t, "y", y, []float32{2, 1.5, 1})
	if got := SumSquares(y); got != 4+2.25+1 {
		t.Errorf("sum of squares %g", got)
	}
	if ArgMax([]float32{1, 3, 3, 2}) != 1 {
		t.Error("ArgMax is not the first of equals")
	}
}

// Each activation and its gate against formulas in float64.
func TestActivationsThereAndBack(t *testing.T) {
	functions := map[string]struct {
		f    Activation
		want func(x float64) float64
	}{
		"SiLU": {SiLU, func(x float64) float64 { return x / (1 + math.Exp(-x)) }},
		"GELUTanh": {GELUTanh, func(x float64) float64 {
			return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}},
		"GELUErf": {GELUErf, func(x float64) float64 { return 0.5 * x * (1 + math.Erf(x/math.Sqrt2)) }},
		"ReLU":    {ReLU, func(x float64) float64 { return max(x, 0) }},
	}
	s := rng.New(12).Stream()
	for name, c := range functions {
		const n = 60
		x, up, g := draw(s, n), draw(s, n), draw(s, n)
		copy(x, []float32{90, -90, 7, -7, 4, -4})
		at, ups := wide(x), wide(up)
		plain := func() (out float64) {
			for i, v := range at {
				out += float64(g[i]) * c.want(v)
			}
			return out
		}
		gated := func() (out float64) {
			for i, v := range at {
				out += float64(g[i]) * c.want(v) * ups[i]
			}
			return out
		}
		sheet := func(x []float32) Matrix { return Of(x, 6, 10) }
		y, want := make([]float32, n), make([]float32, n)
		c.f.Apply(sheet(y), sheet(x))
		for i, v := range at {
			want[i] = float32(c.want(v))
		}
		numtest.Close(t, name, y, want, 2e-6)
		dx := make([]float32, n)
		c.f.Back(sheet(dx), sheet(g), sheet(x))
		numtest.Gradient(t, name, at, dx, plain, 3e-6)
		c.f.Gate(sheet(y), sheet(x), sheet(up))
		for i := range want {
			want[i] *= up[i]
		}
		numtest.Close(t, name+" gate", y, want, 2e-5)
		dgate, dup := make([]float32, n), make([]float32, n)
		c.f.GateBack(sheet(dgate), sheet(dup), sheet(g), sheet(x), sheet(up))
		numtest.Gradient(t, name+" gate", at, dgate, gated, 3e-6)
		numtest.Gradient(t, name+" up", ups, dup, gated, 3e-6)
	}
}

// What the slope is kept for: the same bits as by Apply and Back, gaps between rows or not.
func TestGELUTanhSlopeIsApplyAndBack(t *testing.T) {
	s := rng.New(14).Stream()
	for cols := 1; cols < 70; cols++ {
		sheet := func() Matrix { return Matrix{draw(s, 3*72), 3, cols, 72} }
		x, dy, y, want, dx, back := sheet(), sheet(), sheet(), sheet(), sheet(), sheet()
		copy(x.Data, []float32{90, -90, 7, -7, 4, -4, 0})
		GELUTanh.Apply(want, x)
		GELUTanh.Back(back, dy, x)
		GELUTanhSlope(y, x)
		Multiply(dx, dy, x)
		for i := range x.Rows {
			if !slices.Equal(y.Row(i), want.Row(i)) || !slices.Equal(dx.Row(i), back.Row(i)) {
				t.Fatalf("%d columns, row %d: y %v, by Apply %v; dx %v, by Back %v", cols, i, y.Row(i), want.Row(i), dx.Row(i), back.Row(i))
			}
		}
	}
}

func TestErf(t *testing.T) {
	for x := float32(-6); x < 6; x += 0.00173 {
		if d := math.Abs(float64(Erf(x)) - math.Erf(float64(x))); !(d <= 4e-7) {
			t.Fatalf("Erf(%g) = %g; off by %.3g", x, Erf(x), d)
		}
	}
	if nan := Erf(float32(math.NaN())); nan == nan {
		t.Errorf("Erf(NaN) = %v", nan)
	}
}

func TestLayerNormThereAndBack(t *testing.T) {
	s := rng.New(13).Stream()
	const rows, cols, eps = 3, 7, 0.1
	x, gain, bias, g := draw(s, rows*cols), draw(s, cols), draw(s, cols), draw(s, rows*cols)
	at, gains, biases := wide(x), wide(gain), wide(bias)
	f := func() (out float64) {
		for r := range rows {
			row := at[r*cols : (r+1)*cols]
			var mean, square float64
			for _, v := range row {
				mean += v / cols
			}
			for _, v := range row {
				square += (v - mean) * (v - mean) / cols
			}
			for i, v := range row {
				out += float64(g[r*cols+i]) * ((v-mean)/math.Sqrt(square+eps)*gains[i] + biases[i])
			}
		}
		return out
	}
	y, mean, inv := make([]float32, rows*cols), make([]float32, rows), make([]float32, rows)
	LayerNorm(point(Of(y, rows, cols)), point(Of(x, rows, cols)), gain, bias, eps, mean, inv)
	var got float64
	for i, v := range y {
		got += float64(g[i]) * float64(v)
	}
	numtest.CloseWide(t, "norm", []float64{got}, []float64{f()}, 2e-6)
	dx, dgain, dbias := make([]float32, rows*cols), make([]float32, cols), make([]float32, cols)
	LayerNormBack(point(Of(dx, rows, cols)), point(Of(g, rows, cols)), point(Of(x, rows, cols)), gain, mean, inv, dgain, dbias)
	numtest.Gradient(t, "x", at, dx, f, 2e-6)
	numtest.Gradient(t, "gain", gains, dgain, f, 2e-6)
	numtest.Gradient(t, "bias", biases, dbias, f, 2e-6)
}

func TestKLThereAndBack(t *testing.T) {
	s := rng.New(14).Stream()
	x, teacher := draw(s, 9), draw(s, 9)
	at := wide(x)
	for _, tau := range []float64{1, 2.5} {
		softmax := func(v []float64) []float64 {
			out, sum := make([]float64, len(v)), 0.0
			for i, e := range v {
				out[i] = math.Exp(e / tau)
				sum += out[i]
			}
			for i := range out {
				out[i] /= sum
			}
			return out
		}
		const weight = 0.4
		f := func() (kl float64) {
			q := softmax(at)
			for i, p := range softmax(wide(teacher)) {
				kl += p * math.Log(p/q[i])
			}
			return weight * tau * tau * kl
		}
		d := append([]float32(nil), x...)
		loss := KL(d, teacher, tau, weight)
		numtest.CloseWide(t, "loss", []float64{weight * loss}, []float64{f()}, 2e-7)
		numtest.Gradient(t, "student", at, d, f, 1e-6)
		same := append([]float32(nil), teacher...)
		if l := KL(same, teacher, tau, 1); !(math.Abs(l) < 1e-12) {
			t.Errorf("a student that agrees: loss %g", l)
		}
	}
}

// point is a matrix made where it is passed on.
func point(m Matrix) *Matrix { return &m }
