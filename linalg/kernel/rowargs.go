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
	far        uintptr
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
	opLossRows
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
	opSwiGLUFork
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

// rowsACall is how many rows of so many numbers a call takes.
func rowsACall(cols int) int { return 1 + long/max(1, cols) }

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

// normed are the matrices that a norm goes over, which take the first pointers of rowArgs; the
// last may be missing.
type normed [3]*Matrix

// run goes over all rows in calls of some length, and beside them over two lists with a number
// for each row, which take pointers 5 and 6. Matrices of different strides go row by row.
func (m *normed) run(op rowOp, args *rowArgs, first, second []float32) {
	n, most := m[0].Rows, m[0].Rows
	args.n, args.step = m[0].Cols, uintptr(m[0].Stride)*4
	if n*args.n > long {
		most = rowsACall(args.n)
	}
	for _, x := range m {
		if x != nil && uintptr(x.Stride)*4 != args.step {
			most = 1
		}
	}
	for lo := 0; lo < n; lo += most {
		args.rows = min(most, n-lo)
		for i, x := range m {
			if x != nil {
				args.p[i] = at(x.Data[lo*x.Stride:])
			}
		}
		if first != nil {
			args.p[5] = at(first[lo : lo+args.rows])
		}
		if second != nil {
			args.p[6] = at(second[lo : lo+args.rows])
		}
		runRow(op, args)
	}
}
