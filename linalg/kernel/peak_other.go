//go:build !amd64 || purego

package kernel

// PeakLoop has no loop to run on the portable road, and gives 0.
func PeakLoop(int) (flops float64) { return 0 }

// PeakLoopRounded is [PeakLoop] of products of rounded numbers.
func PeakLoopRounded(int) (flops float64) { return 0 }
