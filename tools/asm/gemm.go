package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of linalg/kernel's tile, by their offsets. All are 8 bytes.
const (
	tileK         = 8 * iota // steps along the shared side
	tileA                    // first element
	tileARow                 // bytes to the next row; of kind ks: to the next step
	tileATile                // bytes to the next tile
	tileB                    // first vector
	tileBStep                // bytes to the next step
	tileBPanel               // bytes to the next pair of vectors
	tileC                    // first element
	tileCRow                 // bytes to the next row
	tileFrom                 // where the chains begin; nil: at zero
	tileFromRow              // bytes to the next row
	tileMask                 // of the last vector: bits, or for AVX2 a pointer; AVX2 nil: all
	tileCount                // tiles below one another
	tileBias                 // a row of numbers; nil: none
	tileK2                   // steps of the second product; 0: none
	tileA2                   //
	tileA2Row                //
	tileB2                   // its panel: steps of 128 bytes
	tileB2Panel              // bytes to its next pair of vectors
	tileAOff                 // how far the kernel has come in a,
	tileCOff                 // in c,
	tileFromOff              // in from
	tileA2Off                // and in a2: pointers stay where they are, so that none leaves its object
	tileALine                // bytes from the last of 16 rows of a to the next line of the first
	tileKGrow                // steps that a tile has more than the one above it
	tileBTile                // bytes to where the next tile begins in b
	tileBOff                 // how far the kernel has come in b
	tileTimes                // what results are multiplied by; nil: nothing
	tileTimesRow             // bytes to the next row
	tileTimesOff             // how far the kernel has come
	tileGroups               // of such tiles, or heads, which follow upon one another; 0 is 1
	tileAgain                // tiles of each group
	tileANext                // bytes from behind a group's last tile to the next group's first, in a,
	tileBNext                // in b,
	tileCNext                // in c,
	tileFromNext             // in from,
	tileA2Next               // in a2
	tileTimesNext            // and in what results are multiplied by
	tileKNext                // steps that the next group's first tile has more than there would follow
	tileB2Next               // bytes to the next group's second panel
	tileBiasNext             // and to its bias
	tileB2Off                // how far the kernel has come in these
	tileBiasOff              //
	tileFork                 // by what results are multiplied where they part; nil: they do not
	tileForkRow              // bytes to the next row
	tileForkOff              // how far the kernel has come
	tileForkNext             // bytes from behind a group's last tile to the next group's first
	tileApart                // bytes from the first half of fork, and of c, to the second
	tileSoonC                // of the lines that the tile's end will want, what is called for next,
	tileLastC                // and where that ends: of c,
	tileSoonTimes            // of times
	tileLastTimes            //
	tileSoonFork             // and of fork
	tileLastFork             //
)

func gemm32() {
	peak(avx512, 24)
	peak(avx2, 12)
	turn16()
	copied(avx512)
	copied(avx2)
	for _, kind := range []string{"rs", "ks"} {
		for rows := 1; rows <= 14; rows++ {
			gemm(avx512, kind, rows, 2)
			gemm(avx512, kind, rows, 1)
		}
		for rows := 1; rows <= 16; rows++ {
			gemm(avx512slim, kind, rows, 1)
		}
		for rows := 1; rows <= 6; rows++ {
			gemm(avx512, kind, rows, 4)
			gemm(avx2, kind, rows, 2)
		}
		for rows := 1; rows <= 3; rows++ {
			gemm(avx512, kind, rows, 8)
			gemm(avx2, kind, rows, 4)
		}
	}
}

func gemm64() {
	for _, kind := range []string{"rs", "ks"} {
		for rows := 1; rows <= 14; rows++ {
			gemm(avx512pd, kind, rows, 2)
			gemm(avx512pd, kind, rows, 1)
		}
		for rows := 1; rows <= 6; rows++ {
			gemm(avx2pd, kind, rows, 2)
		}
	}
}

// peak runs t's first number of rounds of n independent fused multiply-adds.
func peak(s isa, n int) {
	text("peak"+s.name+s.format, "runs independent multiply-adds only.")
	t := Load(Param("t"), GP64())
	k := GP64()
	MOVQ(Mem{Base: t}, k)
	z := s.registers()
	for i := range n + 2 {
		s.zero(z[i])
	}
	Label("loop")
	for i := range n {
		s.fma(z[n], z[n+1], z[i])
	}
	DECQ(k)
	JNZ(LabelRef("loop"))
	end()
}

// tileOf is a kernel under construction: rows × vectors sums in registers.
type tileOf struct {
	isa
	kind       string // "rs": rows of a by their stride, steps contiguous; "ks": rows contiguous, steps by stride
	rows, vecs int
	t          reg.Register
	acc        [][]reg.VecPhysical
	b, tmp     []reg.VecPhysical
	ptrs       []reg.GPVirtual // rows 0, 3, 6, … of a
	aRow       reg.GPVirtual
	pb, bStep  reg.GPVirtual
	pb2, panel reg.GPVirtual // third panel's pointer, panel stride
	ahead      reg.GPVirtual // into the next tile of a
	far        reg.GPVirtual // from a step of b to what is called for meanwhile
	part       string        // of the kernel that is being written, in its labels
}

func field(t reg.Register, at int) Mem { return Mem{Base: t, Disp: at} }

// gemm writes the kernel for count tiles of rows×vecs below one another:
//
//	c = chain over k of a·b, begun at from or zero, continued over k2 of a2·b2, plus bias,
//	times a matrix; or it parts in two on the way, see fork
func gemm(s isa, kind string, rows, vecs int) {
	k := &tileOf{isa: s, kind: kind, rows: rows, vecs: vecs}
	text(fmt.Sprintf("gemm%s%s%s%dx%d", s.name, s.format, kind, rows, vecs), fmt.Sprintf("makes tiles of %d rows and %d vectors.", rows, vecs))
	k.t = Load(Param("t"), GP64())
	k.allot()
	Label("tile")
	k.begin()
	steps := GP64()
	MOVQ(field(k.t, tileK), steps)
	k.point(tileA, tileAOff, tileARow, tileB, tileBPanel)
	MOVQ(field(k.t, tileBStep), k.bStep)
	if k.format == pair {
		k.pairs(steps)
	} else {
		k.segments(steps)
	}
	k.finish()
	k.advance()
	DECQ(field(k.t, tileCount))
	JNZ(LabelRef("tile"))
	DECQ(field(k.t, tileGroups))
	JLE(LabelRef("done"))
	k.regroup()
	JMP(LabelRef("tile"))
	Label("done")
	end()
}

// segments runs the steps of the first product, and those of the second one if there is one.
func (k *tileOf) segments(steps reg.GPVirtual) {
	second := GP64()
	XORQ(second, second)
	if k.continues() {
		MOVQ(field(k.t, tileK2), second)
	}
	Label("segment")
	k.loop(steps)
	if k.continues() {
		TESTQ(second, second)
		JZ(LabelRef("finish"))
		MOVQ(second, steps)
		XORQ(second, second)
		k.point(tileA2, tileA2Off, tileA2Row, tileB2, tileB2Panel)
		MOVQ(U32(128), k.bStep)
		JMP(LabelRef("segment"))
		Label("finish")
	}
}

// continues is whether the kernel can go on with a second product. Kernels of 16 bits
// cannot, since the second panel is one of float32.
func (k *tileOf) continues() bool {
	return k.kind == "rs" && (k.format == "" || k.format == pair)
}

// reaches is whether the kernel calls for the next tile's rows of a while it works on
// this one: for every 16 steps, a line of each row.
func (k *tileOf) reaches() bool {
	return k.wide && !k.double && k.kind == "rs" && k.vecs == 2 && k.rows > 4
}

// fetches is whether the kernel calls lines of b into the second cache (the first may be
// full of this panel): a little ahead, and during the last tile of rows the next panel,
// which would else be waited for where weights come from afar.
func (k *tileOf) fetches() bool { return k.vecs == 2 && k.wide }

// few is whether the tile is wide and low: then a step holds the rows' numbers in
// registers and takes the vectors of b one after the other, else the other way round.
func (k *tileOf) few() bool { return k.vecs > 2 }

func (k *tileOf) allot() {
	z := k.registers()
	for range k.rows {
		k.acc = append(k.acc, z[:k.vecs])
		z = z[k.vecs:]
	}
	n := k.vecs // of b at hand at a time
	if k.few() {
		n = len(z) - k.rows
	}
	k.b, k.tmp = z[:n], z[n:]
	for i := 0; i < k.rows && (k.kind == "rs" || i == 0); i += 3 {
		k.ptrs = append(k.ptrs, GP64())
	}
	k.aRow, k.pb, k.bStep = GP64(), GP64(), GP64()
	if k.vecs > 2 {
		k.panel = GP64()
	}
	if k.reaches() {
		k.ahead = GP64()
	}
	if k.fetches() {
		k.far = GP64()
	}
	if k.vecs > 4 {
		k.pb2 = GP64()
	}
	if k.wide {
		m := GP64()
		MOVQ(field(k.t, tileMask), m)
		if k.double {
			KMOVB(m.As32(), reg.K1)
		} else {
			KMOVW(m.As32(), reg.K1)
		}
	}
}

// point sets the pointers of a product's two sides.
func (k *tileOf) point(a, aOff, aRow, b, panel int) {
	MOVQ(field(k.t, a), k.ptrs[0])
	ADDQ(field(k.t, aOff), k.ptrs[0])
	MOVQ(field(k.t, aRow), k.aRow)
	if k.reaches() {
		next := GP64()
		MOVQ(field(k.t, a), k.ahead) // after the last tile comes the first again
		MOVQ(k.ptrs[0], next)
		ADDQ(field(k.t, tileATile), next)
		CMPQ(field(k.t, tileCount), U8(1))
		CMOVQHI(next, k.ahead)
	}
	for i := 1; i < len(k.ptrs); i++ {
		LEAQ(Mem{Base: k.ptrs[i-1], Index: k.aRow, Scale: 2}, k.ptrs[i])
		ADDQ(k.aRow, k.ptrs[i])
	}
	MOVQ(field(k.t, b), k.pb)
	off := tileBOff
	if b == tileB2 {
		off = tileB2Off
	}
	ADDQ(field(k.t, off), k.pb)
	if k.fetches() {
		next := GP64()
		MOVQ(U32(2048), k.far)
		MOVQ(field(k.t, panel), next)
		CMPQ(field(k.t, tileCount), U8(1))
		CMOVQEQ(next, k.far)
	}
	if k.vecs > 2 {
		MOVQ(field(k.t, panel), k.panel)
	}
	if k.vecs > 4 {
		LEAQ(Mem{Base: k.pb, Index: k.panel, Scale: 2}, k.pb2)
	}
}

// left is where element (i, step) of a lies, the step being disp bytes on.
func (k *tileOf) left(i, disp int) Mem {
	if k.kind == "ks" {
		return Mem{Base: k.ptrs[0], Disp: k.item() * i}
	}
	m := Mem{Base: k.ptrs[i/3], Disp: disp}
	if i%3 > 0 {
		m.Index, m.Scale = k.aRow, uint8(i%3)
	}
	return m
}

// right is where vector j of b lies.
func (k *tileOf) right(j int) Mem {
	m := Mem{Base: k.pb, Disp: k.rightBytes() * (j % 2)}
	if j >= 4 {
		m.Base = k.pb2
	}
	if j%4 >= 2 {
		m.Index, m.Scale = k.panel, 1
	}
	return m
}

// advance moves the structure on to the next tile of rows. What a tile does not have is not
// moved: each store here waits in line behind those of the results.
func (k *tileOf) advance() {
	x := GP64()
	given := func(at int, label string, move func()) {
		CMPQ(field(k.t, at), U8(0))
		JE(LabelRef(label))
		move()
		Label(label)
	}
	by := func(step, off int) {
		MOVQ(field(k.t, step), x)
		ADDQ(x, field(k.t, off))
	}
	rows := func(row, off int) {
		MOVQ(field(k.t, row), x)
		IMUL3Q(U8(k.rows), x, x)
		ADDQ(x, field(k.t, off))
	}
	by(tileATile, tileAOff)
	rows(tileCRow, tileCOff)
	given(tileBTile, "bhere", func() { by(tileBTile, tileBOff) })
	given(tileKGrow, "even", func() { by(tileKGrow, tileK) })
	given(tileFrom, "fromnil", func() { rows(tileFromRow, tileFromOff) })
	if k.continues() {
		given(tileK2, "nosecond", func() { rows(tileA2Row, tileA2Off) })
	}
	if k.multiplies() {
		given(tileTimes, "timesnil", func() { rows(tileTimesRow, tileTimesOff) })
		given(tileFork, "forknil", func() { rows(tileForkRow, tileForkOff) })
	}
}

// regroup moves the structure on to the next group.
func (k *tileOf) regroup() {
	x := GP64()
	MOVQ(field(k.t, tileAgain), x)
	MOVQ(x, field(k.t, tileCount))
	moves := [][2]int{{tileANext, tileAOff}, {tileBNext, tileBOff}, {tileCNext, tileCOff}, {tileFromNext, tileFromOff}, {tileKNext, tileK}, {tileBiasNext, tileBiasOff}}
	if k.continues() {
		moves = append(moves, [2]int{tileA2Next, tileA2Off}, [2]int{tileB2Next, tileB2Off})
	}
	if k.multiplies() {
		moves = append(moves, [2]int{tileTimesNext, tileTimesOff}, [2]int{tileForkNext, tileForkOff})
	}
	for _, move := range moves {
		MOVQ(field(k.t, move[0]), x)
		ADDQ(x, field(k.t, move[1]))
	}
}
