package kernel

import (
	"fmt"
	"testing"
)

// Products by shape, in GFLOP/s of one core; "peak" is what there is to reach.
func BenchmarkProducts(b *testing.B) {
	b.Run("peak", func(b *testing.B) {
		var flops float64
		for b.Loop() {
			flops += PeakLoop(10000)
		}
		b.ReportMetric(flops/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	})
	for _, n := range [][3]int{{64, 64, 64}, {512, 64, 64}, {128, 128, 128}, {512, 128, 128}, {512, 256, 256}, {512, 512, 512}, {512, 1024, 256}, {1024, 1024, 1024}, {512, 576, 576},
		{1, 512, 512}, {4, 512, 512}, {16, 128, 128}, {32, 128, 128}, {64, 64, 16}, {128, 128, 64}} {
		m, cols, k := n[0], n[1], n[2]
		c, x, w, wt := ones(m, cols), ones(m, k), ones(cols, k), ones(k, cols)
		xt := ones(k, m)
		p := PackNT(w)
		for name, run := range map[string]func(){
			"packed": func() { p.Mul(c, x, Epilogue{}) },
			"NT":     func() { NT(&c, &x, &w, false) },
			"NN":     func() { NN(&c, &x, &wt, false) },
			"TN":     func() { TN(&c, &xt, &wt, false) },
		} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", name, m, cols, k), func(b *testing.B) {
				for b.Loop() {
					run()
				}
				b.ReportMetric(2*float64(m)*float64(cols)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

// The products of a LoRA branch of some rank: 512 tokens, 256 wide.
func BenchmarkThin(b *testing.B) {
	const m, d = 512, 256
	for _, r := range []int{1, 2, 4, 8, 16} {
		x, a, z, y, w := ones(m, d), ones(r, d), ones(m, r), ones(m, d), ones(d, r)
		pa, pb, pd := PackNN(a), PackNT(w), PackNN(w)
		da, db := ones(r, d), ones(d, r)
		for name, run := range map[string]func(){
			"x·At rows": func() { ThinNT(z, x, a, 1) },
			"dy·B":      func() { pd.Mul(z, y, Epilogue{}) },
			"y+=z·Bt":   func() { pb.Mul(y, z, Epilogue{Add: true}) },
			"dA":        func() { TN(&da, &z, &x, true) },
			"dB":        func() { TN(&db, &y, &z, true) },
			"pack A":    func() { pa.PackNN(a) },
			"pack B":    func() { pb.PackNT(w) },
		} {
			b.Run(fmt.Sprintf("%s/r%d", name, r), func(b *testing.B) {
				for b.Loop() {
					run()
				}
				b.ReportMetric(2*float64(m)*float64(d)*float64(r)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

func ones(rows, cols int) Matrix {
	m := Of(make([]float32, rows*cols), rows, cols)
	for i := range m.Data {
		m.Data[i] = float32(i%7) * 0.1
	}
	return m
}

// Attention of one head, causal, by places and width: the parts of a pass there and back.
func BenchmarkAttention(b *testing.B) {
	for _, n := range [][2]int{{16, 16}, {32, 16}, {64, 32}, {64, 64}, {128, 64}} {
		t, w := n[0], n[1]
		qkv, back, o, p, ds := ones(t, 12*w), ones(t, 12*w), ones(t, 4*w), ones(t, t), ones(t, t)
		see := Sight{Causal: true}
		part := func(m Matrix, i int) Matrix { return m.ColRange(i*w, (i+1)*w) }
		q, k, v, head := part(qkv, 0), part(qkv, 4), part(qkv, 8), part(o, 0)
		for name, run := range map[string]func(){
			"scores":      func() { see.scores(p, q, k, 1) },
			"softmax":     func() { softmaxRows(p, 1, 1, 0.1) },
			"gather":      func() { see.gather(head, p, v, 1) },
			"scatter":     func() { see.scatter(part(back, 8), p, head, 1, true) },
			"softmaxBack": func() { softmaxBackRows(ds, p, 1, 1, 0.1) },
			"all":         func() { Attend(&head, &p, &q, &k, &v, 1, 0.1, see) },
			"back": func() {
				AttendBack(point(part(back, 0)), point(part(back, 4)), point(part(back, 8)), &head, &p, &ds, &q, &k, &v, 1, 0.1, see, true)
			},
		} {
			b.Run(fmt.Sprintf("%s/T%d/w%d", name, t, w), func(b *testing.B) {
				for b.Loop() {
					run()
				}
			})
		}
	}
}
