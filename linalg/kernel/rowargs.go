package kernel

import "unsafe"

// rowArgs is what a row kernel of assembly works by; tools/asm knows its layout.
type rowArgs struct {
	n          int
	p          [8]unsafe.Pointer
	rows       int
	step, grow uintptr
	full       int
	f          [8]float32
	out        [2]float32
}

// rowOp is an operation on rows that has assembly.
type rowOp int

const (
	opSoftmax rowOp = iota
	opSoftmaxBack
	opRMSNorm
	opRMSNormBack
	opLayerNorm
	opLayerNormBack
	opExpSum
	opTop
	opScale
	opAdamW
	opRotate
	opAdd
	opMul
	opAddScaled
	opSiLU
	opSiLUBack
	opSwiGLU
	opSwiGLUBack
	opGELUTanh
	opGELUTanhBack
	opGELUTanhSlope
	opGELUErf
	opGELUErfBack
	opTopTwo
	rowOps
)

// at is where a row begins, for rowArgs; an empty one is nil.
func at(row []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(row)) }

// some is at the first n numbers of a row, or nil if there is none.
func some(row []float32, n int) unsafe.Pointer {
	if row == nil {
		return nil
	}
	return at(row[:n])
}

// long is how many numbers a call of a kernel takes at most: it cannot be preempted.
const long = 1 << 14

// through runs an operation that goes number by number over rows of one length, y from
// the others, and is whether it did.
func through(op rowOp, f float32, rows ...[]float32) bool {
	if !assembled {
		return false
	}
	n := len(rows[0])
	for lo := 0; lo < n; lo += long {
		hi := min(lo+long, n)
		args := rowArgs{n: hi - lo}
		args.f[0] = f
		for i, r := range rows {
			args.p[i] = at(r[lo:hi])
		}
		runRow(op, &args)
	}
	return true
}

// lists are slices with a number for each row, by their pointer's place in rowArgs.
type lists [8][]float32

// normRows runs an operation over rows of matrices, which take the pointers from the first
// on, in calls of some length. Matrices of different strides go row by row.
func normRows(op rowOp, args rowArgs, rows int, each lists, ms ...Matrix) {
	args.n = ms[0].Cols
	most := 1 + long/max(1, args.n)
	for _, m := range ms {
		if m.Stride != ms[0].Stride {
			most = 1
		}
	}
	for lo := 0; lo < rows; lo += most {
		call := args
		call.rows, call.step = min(most, rows-lo), uintptr(ms[0].Stride)*4
		for i, m := range ms {
			call.p[i] = at(m.Data[lo*m.Stride:])
		}
		for i, list := range each {
			if list != nil {
				call.p[i] = at(list[lo : lo+call.rows])
			}
		}
		runRow(op, &call)
	}
}
