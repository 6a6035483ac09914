package kernel

import "testing"

// The shapes of a projection: 256 tokens, 64 wide. GFLOP/s of one core.
func BenchmarkProducts(b *testing.B) {
	const m, n, k = 256, 64, 64
	x, y := make([]float32, m*k), make([]float32, n*k)
	for i := range x {
		x[i] = float32(i%7) * 0.1
	}
	for i := range y {
		y[i] = float32(i%5) * 0.1
	}
	c := make([]float32, m*k)
	for name, run := range map[string]func(){
		"NT": func() { NT(Of(c, m, n), Of(x, m, k), Of(y, n, k), false) },
		"NN": func() { NN(Of(c, m, k), Of(x, m, n), Of(y, n, k), false) },
		"TN": func() { TN(Of(c, n, k), Of(x, m, n), Of(x, m, k), false) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				run()
			}
			b.ReportMetric(2*m*n*k*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
