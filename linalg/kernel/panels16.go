package kernel

import (
	"fmt"
	"math"
)

// Format is the form in which panels hold their numbers.
type Format int

// Float32 is the usual one. BFloat16 and Float16 (IEEE binary16) take half the memory, and
// products of them half the time where few rows wait for it. They are widened as they are
// read, which is exact: a product has the bits of one by the widened numbers. Rounded is
// another thing: bfloat16 whose products round their left side too, see rounded.go; so is
// RoundedHalf of float16, see halves.go.
const (
	Float32 Format = iota
	BFloat16
	Float16
	Rounded
	RoundedHalf
)

func (f Format) String() string {
	return [...]string{"float32", "bfloat16", "float16", "rounded bfloat16", "rounded float16"}[f]
}

// Widen is the number that these bits mean. They are those of a finite number.
func (f Format) Widen(bits uint16) float32 {
	if f == BFloat16 {
		return math.Float32frombits(uint32(bits) << 16)
	}
	// The exponent's bias is the only difference: 2^112 makes up for it, exactly, and takes
	// numbers below the normal ones along.
	const bias = 1 << 112
	x := math.Float32frombits(uint32(bits&0x7fff)<<13) * bias
	return math.Float32frombits(math.Float32bits(x) | uint32(bits>>15)<<31)
}

// Finite says whether bits mean a number at all: all ones in the exponent do not.
func (f Format) Finite(bits uint16) bool {
	if f == BFloat16 {
		return bits&0x7f80 != 0x7f80
	}
	return bits&0x7c00 != 0x7c00
}

// Matrix16 is a matrix of 16-bit numbers without gaps, row-major, all of them finite.
type Matrix16 struct {
	Data       []uint16
	Rows, Cols int
	Format     Format
}

// Of16 sees numbers as a matrix, rows×cols.
func Of16(data []uint16, rows, cols int, format Format) Matrix16 {
	if len(data) != rows*cols || format != BFloat16 && format != Float16 {
		panic(fmt.Sprintf("kernel: %d numbers of %v as %d×%d of 16 bits", len(data), format, rows, cols))
	}
	return Matrix16{data, rows, cols, format}
}

// PackNT16 packs w, N×K as checkpoints store a weight, for c = a·wᵀ, and keeps its 16 bits.
func PackNT16(w Matrix16) *Panels {
	p := &Panels{K: w.Cols, N: w.Rows, format: w.Format}
	p.half = Make[uint16](p.size())
	for n := range w.Rows {
		to := p.column(n)
		for k, x := range w.Data[n*p.K : (n+1)*p.K] {
			to[k*width] = x
		}
	}
	return p
}

// PackNN16 packs w, K×N, for c = a·w, and keeps its 16 bits.
func PackNN16(w Matrix16) *Panels {
	p := &Panels{K: w.Rows, N: w.Cols, format: w.Format}
	p.half = Make[uint16](p.size())
	for k := range w.Rows {
		row := w.Data[k*p.N : (k+1)*p.N]
		for j := 0; j < p.N; j += width {
			copy(p.half[j*p.K+k*width:], row[j:min(j+width, p.N)])
		}
	}
	return p
}

// Format says how the panels hold their numbers.
func (p *Panels) Format() Format { return p.format }

// column is where column n begins: its numbers lie 32 apart.
func (p *Panels) column(n int) []uint16 {
	if p.K == 0 {
		return nil
	}
	return p.half[n&^(width-1)*p.K+n&(width-1):]
}

// row16 is Row of panels of 16 bits.
func (p *Panels) row16(dst []float32, n int) {
	if p.format == Rounded {
		p.rowRounded(dst, n)
		return
	}
	from := p.column(n)
	for k := range dst {
		dst[k] = p.format.Widen(from[k*width])
	}
}

// mul16 is MulCols of panels of 16 bits.
func (p *Panels) mul16(c, a Matrix, lo, hi int, e Epilogue) {
	switch p.format {
	case Rounded:
		p.mulRounded(c, a, lo, hi, e)
	case RoundedHalf:
		p.mulHalves(c, a, lo, hi, e)
	default:
		p.mulWidened(c, a, lo, hi, e)
	}
}

// mulWidened is MulCols of panels whose numbers are widened as they are read. The branch, whose
// panels are of float32, goes on in a call of its own, with the same bits.
func (p *Panels) mulWidened(c, a Matrix, lo, hi int, e Epilogue) {
	first := Epilogue{Add: e.Add, Onto: e.Onto}
	low := e.Low != nil && e.Low.K > 0
	if !low {
		first.Bias = e.Bias
	}
	if !p.fastMul16(c, a, lo, hi, first) {
		p.mulPortable(c, a, lo, hi, first)
	}
	if low {
		e.Low.Mul(c, e.LowIn, Epilogue{Add: true, Bias: e.Bias, Times: e.Times})
	} else if e.Times.Data != nil {
		Multiply(c, c, e.Times)
	}
}

// widened is the panel of columns j…j+31 as float32, in room of so many numbers.
func (p *Panels) widened(room []float32, j int) []float32 {
	if p.format == Float32 {
		return p.panel(j)
	}
	room = room[:width*p.K]
	for i, x := range p.half[j*p.K : (j+width)*p.K] {
		room[i] = p.format.Widen(x)
	}
	return room
}
