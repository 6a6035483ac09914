package lora

import "github.com/loramesh/loramesh/linalg"

// pair32 rounds float64 factors to an adapter's.
func pair32(module string, b, a linalg.Dense, scale float64) Pair {
	return Pair{Module: module, Out: b.Rows, In: a.Cols, Rank: a.Rows, A: a.Narrow(), B: b.Narrow(), Scale: scale}
}
