//go:build amd64 && !purego

package kernel

import "unsafe"

// short are the kernels of a format of 16 bits. They take few rows; beyond, panels are
// widened to float32 part by part, which costs little against the product.
type short struct {
	few   machine
	widen func(*byte)
}

// fewRows is how many rows the kernels of 16 bits take.
const fewRows = 6

// shorts are by the format. Those of fast's road are in use.
var (
	shorts512 = [...]short{
		BFloat16: {machine{item: 4, lanes: 16, rows: &rows512b, wide: true, narrow: 1}, widen512b},
		Float16:  {machine{item: 4, lanes: 16, rows: &rows512h, wide: true, narrow: 1}, widen512h},
	}
	shorts256 = [...]short{
		BFloat16: {machine{item: 4, lanes: 8, rows: &rows256b, narrow: 1}, widen256b},
		Float16:  {machine{item: 4, lanes: 8, rows: &rows256h, narrow: 1}, widen256h},
	}
)

var rows512b = kernels{
	1: {gemm512brs1x1, gemm512brs2x1, gemm512brs3x1, gemm512brs4x1, gemm512brs5x1, gemm512brs6x1},
	2: {gemm512brs1x2, gemm512brs2x2, gemm512brs3x2, gemm512brs4x2, gemm512brs5x2, gemm512brs6x2},
	4: {gemm512brs1x4, gemm512brs2x4, gemm512brs3x4, gemm512brs4x4, gemm512brs5x4, gemm512brs6x4},
	8: {gemm512brs1x8, gemm512brs2x8, gemm512brs3x8},
}

var rows512h = kernels{
	1: {gemm512hrs1x1, gemm512hrs2x1, gemm512hrs3x1, gemm512hrs4x1, gemm512hrs5x1, gemm512hrs6x1},
	2: {gemm512hrs1x2, gemm512hrs2x2, gemm512hrs3x2, gemm512hrs4x2, gemm512hrs5x2, gemm512hrs6x2},
	4: {gemm512hrs1x4, gemm512hrs2x4, gemm512hrs3x4, gemm512hrs4x4, gemm512hrs5x4, gemm512hrs6x4},
	8: {gemm512hrs1x8, gemm512hrs2x8, gemm512hrs3x8},
}

var rows256b = kernels{
	2: {gemm256brs1x2, gemm256brs2x2, gemm256brs3x2, gemm256brs4x2, gemm256brs5x2, gemm256brs6x2},
	4: {gemm256brs1x4, gemm256brs2x4, gemm256brs3x4},
}

var rows256h = kernels{
	2: {gemm256hrs1x2, gemm256hrs2x2, gemm256hrs3x2, gemm256hrs4x2, gemm256hrs5x2, gemm256hrs6x2},
	4: {gemm256hrs1x4, gemm256hrs2x4, gemm256hrs3x4},
}

func (p *Panels) fastMul16(c, a Matrix, lo, hi int, e Epilogue) bool {
	if fast == nil {
		return false
	}
	fast.mul16(p, c, a, lo, hi, e)
	return true
}

func (f *machine) mul16(p *Panels, c, a Matrix, lo, hi int, e Epilogue) {
	s := &shorts256[p.format]
	if f.wide {
		s = &shorts512[p.format]
	}
	if c.Rows <= fewRows {
		s.few.mul(p, &c, &a, lo, hi, &e)
		return
	}
	add := e.Add
	if e.Onto.Data != nil {
		add = true
		for i := range c.Rows {
			copy(c.Row(i), e.Onto.Row(i))
		}
	}
	f.product(&product{c: c.sight(), a: a.sight(), m: c.Rows, n: hi - lo, k: p.K, tb: true, add: add,
		half: unsafe.Pointer(unsafe.SliceData(p.half[lo*p.K:])), widen: s.widen})
	if e.Bias != nil {
		for i := range c.Rows {
			Add(c.Row(i), e.Bias)
		}
	}
}

// widening is what a kernel that widens works by; tools/asm knows its layout.
type widening struct {
	to, from unsafe.Pointer
	rows     int
}

// widenPanel lays out k rows from k0 of the panel that begins with column j.
func (p *product) widenPanel(dst unsafe.Pointer, k0, k, j int) {
	w := widening{dst, unsafe.Add(p.half, (j*p.k+k0*width)*2), k}
	p.widen((*byte)(hide(unsafe.Pointer(&w))))
}
