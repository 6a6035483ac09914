//go:build amd64 && !purego

package kernel

import (
	"math"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// pairing is a machine for products of rounded numbers: its steps along the shared side are
// pairs. Rows of the left side are rounded a part at a time into room of the stack.
type pairing struct {
	machine
	round func(*byte)
	group int     // numbers that round takes at a time
	left  uintptr // bytes of a pair of the left side: two bfloat16, or two float32
}

var (
	pairs512 = pairing{machine{item: 4, lanes: 16, rows: &rows512p, wide: true}, round512p, 32, 4}
	pairs256 = pairing{machine{item: 4, lanes: 8, rows: &rows256p}, round256p, 8, 8}
)

var rows512p = kernels{
	1: {gemm512prs1x1, gemm512prs2x1, gemm512prs3x1, gemm512prs4x1, gemm512prs5x1, gemm512prs6x1, gemm512prs7x1, gemm512prs8x1, gemm512prs9x1, gemm512prs10x1, gemm512prs11x1, gemm512prs12x1, gemm512prs13x1, gemm512prs14x1},
	2: {gemm512prs1x2, gemm512prs2x2, gemm512prs3x2, gemm512prs4x2, gemm512prs5x2, gemm512prs6x2, gemm512prs7x2, gemm512prs8x2, gemm512prs9x2, gemm512prs10x2, gemm512prs11x2, gemm512prs12x2, gemm512prs13x2, gemm512prs14x2},
	4: {gemm512prs1x4, gemm512prs2x4, gemm512prs3x4, gemm512prs4x4, gemm512prs5x4, gemm512prs6x4},
	8: {gemm512prs1x8, gemm512prs2x8, gemm512prs3x8},
}

var rows256p = kernels{
	2: {gemm256prs1x2, gemm256prs2x2, gemm256prs3x2, gemm256prs4x2, gemm256prs5x2, gemm256prs6x2},
	4: {gemm256prs1x4, gemm256prs2x4, gemm256prs3x4},
}

// fastPairs is the pairing of the road in use; nil on the portable one.
var fastPairs = pairingOf(choice)

// pairingOf gives AVX-512 that of AVX2 where it lacks the dot product of pairs.
func pairingOf(road string) *pairing {
	switch {
	case road == roadAVX512 && cpu.X86.HasAVX512BF16:
		return &pairs512
	case road != roadGeneric:
		return &pairs256
	}
	return nil
}

// RoundedCPU names how products of rounded numbers are made: "avx512_bf16", "avx2" or
// "generic". All give the same bits.
func RoundedCPU() string {
	switch fastPairs {
	case &pairs512:
		return "avx512_bf16"
	case &pairs256:
		return roadAVX2
	}
	return roadGeneric
}

func (p *Panels) fastMulRounded(c, a Matrix, lo, hi int, e Epilogue) bool {
	if fastPairs == nil {
		return false
	}
	fastPairs.mulPairs(p, c, a, lo, hi, e)
	return true
}

// The rooms that there are for rounded rows: a room is cleared each time.
const (
	littleRoom = 4 << 10
	someRoom   = 32 << 10
	muchRoom   = 128 << 10 // the most that the compiler leaves on the stack
)

// mulPairs is MulCols in the smallest room that does.
func (f *pairing) mulPairs(p *Panels, c, a Matrix, lo, hi int, e Epilogue) {
	switch need := f.rowsAtOnce(c.Rows) * f.roundedRow(p.pairsAtOnce(c.Rows)); {
	case need <= littleRoom:
		var room [littleRoom / 8]uint64
		f.mulIn(room[:], p, c, a, lo, hi, e)
	case need <= someRoom:
		f.mulInSome(p, c, a, lo, hi, e)
	default:
		f.mulInMuch(p, c, a, lo, hi, e)
	}
}

//go:noinline
func (f *pairing) mulInSome(p *Panels, c, a Matrix, lo, hi int, e Epilogue) {
	var room [someRoom / 8]uint64
	f.mulIn(room[:], p, c, a, lo, hi, e)
}

//go:noinline
func (f *pairing) mulInMuch(p *Panels, c, a Matrix, lo, hi int, e Epilogue) {
	var room [muchRoom / 8]uint64
	f.mulIn(room[:], p, c, a, lo, hi, e)
}

// pairsAtOnce is how many pairs a pass of so many rows takes: whole lines of them, a panel's
// part of which stays in the first cache; few rows read each number of a panel once.
func (p *Panels) pairsAtOnce(rows int) int {
	most := deep
	if rows <= fewRows {
		most = 8 * deep
	}
	return (pass(p.pairs(), most) + 15) &^ 15
}

// roundedRow is the bytes from a rounded row of so many pairs to the next: whole lines and
// one more, so that rows do not compete for the same ones.
func (f *pairing) roundedRow(pairs int) int { return (pairs*int(f.left)+63)/64*64 + 64 }

// mulIn goes by passes of the shared side within passes of rows, as [machine.mul] does.
func (f *pairing) mulIn(room []uint64, p *Panels, c, a Matrix, lo, hi int, e Epilogue) {
	buf := hide(unsafe.Pointer(unsafe.SliceData(room)))
	to, from := c.sight(), e.Onto.sight()
	right := operand{unsafe.Pointer(unsafe.SliceData(p.half)), panelBytes}
	if e.Add {
		from = to
	}
	pairs := p.pairs()
	step := p.pairsAtOnce(c.Rows)
	row := f.roundedRow(step)
	for i, m := 0, 0; i < c.Rows; i += m {
		m = f.rowsThatFit(c.Rows-i, min(tall, 8*len(room)/row))
		for k0, k := 0, 0; k0 < max(1, pairs); k0 += max(1, k) {
			k = min(step, pairs-k0)
			f.roundRows(buf, row, a.RowRange(i, i+m).ColRange(2*k0, min(2*(k0+k), p.K)), k)
			t := tile{k: k, a: buf, aRow: uintptr(row), c: to.at(i, 0, 4), cRow: to.stride,
				b: right.at(lo/width*pairs+k0, 0, 4), bStep: panelBytes, bPanel: uintptr(pairs) * panelBytes}
			switch {
			case k0 > 0:
				t.from, t.fromRow = t.c, t.cRow
			case from.p != nil:
				t.from, t.fromRow = from.at(i, 0, 4), from.stride
			}
			if k0+k == pairs { // the last pass
				t.finish(&e, i)
			}
			f.sweepInPlace(&t, false, m, hi-lo)
		}
	}
}

// rowsThatFit is how many of the rows left a pass takes that has room for so many: whole
// tiles, as even as can be.
func (f *pairing) rowsThatFit(left, room int) int {
	tile := len(f.rows[2])
	return min(left, pass((left+tile-1)/tile, max(1, room/tile))*tile)
}

// rounding is what round works by; tools/asm knows its layout.
type rounding struct {
	to      unsafe.Pointer
	toRow   uintptr
	from    unsafe.Pointer
	fromRow uintptr
	rows    int
	groups  int
}

// roundRows lays out the rows of a as pairs, the last of which is filled up with zero.
func (f *pairing) roundRows(buf unsafe.Pointer, row int, a Matrix, pairs int) {
	if groups := a.Cols / f.group; groups > 0 {
		from := a.sight()
		f.round((*byte)(hide(unsafe.Pointer(&rounding{buf, uintptr(row), from.p, from.stride, a.Rows, groups}))))
	}
	done := a.Cols / f.group * f.group
	if done == 2*pairs {
		return
	}
	for i := range a.Rows {
		from, to := a.Row(i), unsafe.Add(buf, i*row)
		for k := done; k < 2*pairs; k++ {
			x := float32(0)
			if k < a.Cols {
				x = from[k]
			}
			if f.left == 4 {
				*(*uint16)(unsafe.Add(to, 2*(k^1))) = bits16(x)
			} else {
				*(*uint32)(unsafe.Add(to, 4*k)) = math.Float32bits(Round(x))
			}
		}
	}
}
