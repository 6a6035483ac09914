//go:build amd64 && !purego

package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// machine is one road of assembly: the tiles of one instruction set and type of number.
type machine struct {
	item       uintptr // bytes of a number
	lanes      int     // of a register
	rows, cols *kernels
	wide       bool // AVX-512: masks are bits, else tables
	// packNT lays out w rows of k numbers as panels.
	packNT  func(dst unsafe.Pointer, b operand, k, w int)
	copy    func(*byte)
	shallow [][]func(*byte) // kernels of few steps; nil: none
	narrow  uintptr         // halvings of a panel's bytes: 1 where it is held in 16 bits
}

var (
	avx512 = machine{4, 16, &rows512, &columns512, true, packNT512, copy512, shallow512[:], 0}
	avx2   = machine{4, 8, &rows256, &columns256, false, packNT32, copy256, nil, 0}

	avx512Double = machine{8, 8, &rows512d, &columns512d, true, packNT64, copy512, nil, 0}
	avx2Double   = machine{8, 4, &rows256d, &columns256d, false, packNT64, copy256, nil, 0}
)

// The machines of the road in use; nil on the portable one.
var fast, fastDouble = machines(choice)

func machines(road string) (single, double *machine) {
	switch road {
	case roadAVX512:
		return &avx512, &avx512Double
	case roadAVX2:
		return &avx2, &avx2Double
	}
	return nil, nil
}

// available lists the roads that the processor and its operating system allow.
func available() []string {
	x := &cpu.X86
	roads := []string{roadGeneric}
	if x.HasAVX2 && x.HasFMA && x.HasF16C {
		roads = append([]string{roadAVX2}, roads...)
		if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL {
			roads = append([]string{roadAVX512}, roads...)
		}
	}
	return roads
}

func fastProduct(c, a, b *Matrix, ta, tb, add bool) bool {
	if fast == nil {
		return false
	}
	if ta && !tb && fast.turns(c.Cols) && c.Rows >= 4*c.Cols && a.Rows >= turning {
		fast.turned(c, a, b, add)
	} else {
		fast.product32(c, a, b, ta, tb, add)
	}
	return true
}

func fastProduct64(c, a, b Matrix64, ta, tb, add bool) bool {
	if fastDouble == nil {
		return false
	}
	k := a.Cols
	if ta {
		k = a.Rows
	}
	fastDouble.product(&product{sight64(c), sight64(a), sight64(b), c.Rows, c.Cols, k, ta, tb, add, nil, nil})
	return true
}

func (p *Panels) fastMul(c, a *Matrix, lo, hi int, e *Epilogue) bool {
	if fast == nil {
		return false
	}
	fast.mul(p, c, a, lo, hi, e)
	return true
}

// forks is whether products by the panels can part their results themselves.
func (p *Panels) forks() bool {
	return p.format == Float32 && fast != nil || p.format == Rounded && fastPairs != nil
}

// fastPackNT lays out the rows of w as panels, some at a time, so that no call is long.
func fastPackNT(dst []float32, w *Matrix) bool {
	if fast == nil || w.Cols == 0 {
		return false
	}
	b, some := w.sight(), width*max(1, long/(width*w.Cols))
	for j := 0; j < w.Rows; j += some {
		fast.packNT(unsafe.Pointer(&dst[j*w.Cols]), operand{b.at(j, 0, 4), b.stride}, w.Cols, min(some, w.Rows-j))
	}
	return true
}

// fastPackNN lays out up to 32 columns of w as one panel.
func fastPackNN(dst []float32, w Matrix) bool {
	if fast == nil {
		return false
	}
	fast.packNN(unsafe.Pointer(unsafe.SliceData(dst)), w.sight(), w.Rows, w.Cols)
	return true
}

func fastScores(p, q, k Matrix, heads int, see Sight) bool {
	if fast == nil || p.Rows == 0 || q.Cols == 0 {
		return false
	}
	fast.scores(p, q, k, heads, see)
	return true
}

func fastGather(o, p, v Matrix, heads, n, grow int) bool {
	if fast == nil {
		return false
	}
	fast.gather(o, p, v, heads, n, grow)
	return true
}

func fastScatter(dv, p, do Matrix, heads, n, grow int, add bool) bool {
	if fast == nil {
		return false
	}
	fast.scatter(dv, p, do, heads, n, grow, add)
	return true
}
