//go:build !amd64 || purego

package kernel

// Without assembly the portable road is the only one.

func available() []string { return []string{roadGeneric} }

func fastProduct(_, _, _ *Matrix, _, _, _ bool) bool { return false }

func fastProduct64(Matrix64, Matrix64, Matrix64, bool, bool, bool) bool { return false }

func fastAddRows64([]float64, float64, []float64, Matrix64) int { return 0 }

func fastAddWide([]float64, float64, []float32) int { return 0 }

func (p *Panels) fastMul(*Matrix, *Matrix, int, int, *Epilogue) bool { return false }

func (p *Panels) forks() bool { return false }

func (p *Panels) fastAddRows(Matrix, []int32, Matrix) bool { return false }

func fastThinRows(_, _ Matrix, _ []int32, _ Matrix, _ float32, _ []float32) bool { return false }

func fastAsk([]float32) {}

func (p *Panels) fastMul16(Matrix, Matrix, int, int, Epilogue) bool { return false }

func (p *Panels) fastMulRounded(Matrix, Matrix, int, int, Epilogue) bool { return false }

// RoundedCPU names how products of rounded numbers are made.
func RoundedCPU() string { return roadGeneric }

const assembled = false

func runRow(rowOp, *rowArgs) { panic("kernel: no assembly in this build") }

func fastThin(_, _, _ Matrix, _ float32) bool { return false }

func fastPackNT([]float32, *Matrix) bool { return false }

func fastPackNN([]float32, Matrix) bool { return false }

func fastScores(_, _, _ Matrix, _ int, _ Sight) bool { return false }

func fastGather(_, _, _ Matrix, _, _, _ int) bool { return false }

func fastScatter(_, _, _ Matrix, _, _, _ int, _ bool) bool { return false }

func fastBrief(_, _, _, _, _ *Matrix, _ int, _ float32, _ Sight) bool { return false }

func fastBriefBack(_, _, _, _, _, _, _, _ *Matrix, _ int, _ float32, _ Sight, _ bool) bool {
	return false
}
