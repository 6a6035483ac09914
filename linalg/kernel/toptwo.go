package kernel

import (
	"fmt"
	"math"
	"unsafe"
)

// TopTwo finds the places of the two largest numbers in every row of scores, which has two
// columns at least: of row i, the larger's goes to places[2i] and the other's to
// places[2i+1]. Of equal numbers the first is the larger, −0 being 0; one that is no number
// is beyond all of its sign.
func TopTwo(places []int32, scores Matrix) {
	if scores.Cols < 2 || len(places) != 2*scores.Rows {
		panic(fmt.Sprintf("kernel: %d places for the best two in each row of %v", len(places), scores))
	}
	if !assembled {
		for i := range scores.Rows {
			places[2*i], places[2*i+1] = topTwo(scores.Row(i))
		}
		return
	}
	for i, m := 0, 0; i < scores.Rows; i += m {
		m = min(scores.Rows-i, rowsACall(scores.Cols))
		args := rowArgs{n: scores.Cols, rows: m, step: uintptr(scores.Stride) * 4}
		args.p[0], args.p[1] = at(scores.Data[i*scores.Stride:]), unsafe.Pointer(&places[2*i])
		runRow(opTopTwo, &args)
	}
}

// topTwo makes each number a whole one that has the order of the numbers above that of
// their places, the first highest.
func topTwo(row []float32) (first, second int32) {
	top, next := int64(math.MinInt64), int64(math.MinInt64)
	for e, s := range row {
		bits := int32(math.Float32bits(s + 0)) // −0 + 0 is 0
		bits ^= bits >> 31 & math.MaxInt32
		x := int64(bits)<<32 | int64(math.MaxInt32-e)
		next = max(next, min(top, x))
		top = max(top, x)
	}
	return math.MaxInt32 - int32(top), math.MaxInt32 - int32(next)
}
