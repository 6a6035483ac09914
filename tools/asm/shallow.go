package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of linalg/kernel's shallows, by their offsets.
const (
	shallowA     = 8 * iota // first element
	shallowARow             // bytes to the next row
	shallowB                // first vector
	shallowBRow             // bytes to the next step
	shallowC                // first element
	shallowCRow             // bytes to the next row
	shallowMask             // of the last vector
	shallowCount            // rows
	shallowAdd              // whether the chains begin at what c holds: 0 is no
)

// shallowMost is the longest shared side that has kernels of its own: ranks up to 16.
const shallowMost = 16

// shallowVecs is how many vectors of a row such a kernel makes at most: as many as leave
// room in registers for all that b has of these columns.
func shallowVecs(k int) int {
	switch {
	case k <= 4:
		return 4
	case k <= 14:
		return 2
	}
	return 1
}

func shallow() {
	for k := 1; k <= shallowMost; k++ {
		for vecs := 1; vecs <= shallowVecs(k); vecs++ {
			shallowTile(avx512, k, vecs)
		}
	}
}

// shallowTile writes c = a·b, or c += a·b, for a shared side of k steps. What these columns
// have of b is held in registers. Rows of c follow one another: a row is so short that the
// processor works on several at a time, so one chain a vector hides no latency and need not.
func shallowTile(s isa, k, vecs int) {
	text(fmt.Sprintf("shallow%dx%dv%s", k, vecs, s.name), fmt.Sprintf("makes rows of %d vectors from %d steps.", vecs, k))
	t := Load(Param("t"), GP64())
	z := s.registers()
	acc, x := z[:vecs], z[vecs]
	right := z[vecs+1:]
	a, aRow, b, bRow, c, cRow, mask, count, add := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	for i, r := range []reg.GPVirtual{a, aRow, b, bRow, c, cRow, mask, count, add} {
		MOVQ(field(t, 8*i), r)
	}
	KMOVW(mask.As32(), reg.K1)
	visit := func(p reg.Register, rs []reg.VecPhysical, whole, masked func(m Mem, r reg.VecPhysical)) {
		for j, r := range rs {
			m := Mem{Base: p, Disp: s.bytes() * j}
			if j < len(rs)-1 {
				whole(m, r)
			} else {
				masked(m, r)
			}
		}
	}
	load := func(m Mem, r reg.VecPhysical) { s.load(m, r) }
	loadMasked := func(m Mem, r reg.VecPhysical) { s.maskedLoad(m, nil, r) }
	for i := range k {
		visit(b, right[i*vecs:][:vecs], load, loadMasked)
		if i < k-1 {
			ADDQ(bRow, b)
		}
	}
	row := func(begin func()) {
		begin()
		for i := range k {
			left := Mem{Base: a, Disp: s.item() * i}
			if vecs == 1 {
				s.spread(left, right[i], acc[0])
				continue
			}
			s.broadcast(left, x)
			for j := range vecs {
				s.fma(x, right[i*vecs+j], acc[j])
			}
		}
		visit(c, acc, func(m Mem, r reg.VecPhysical) { s.store(r, m) }, func(m Mem, r reg.VecPhysical) { s.maskedStore(r, nil, m) })
		ADDQ(aRow, a)
		ADDQ(cRow, c)
		DECQ(count)
	}
	TESTQ(add, add)
	JNZ(LabelRef("more"))
	Label("row")
	row(func() {
		for _, r := range acc {
			s.zero(r)
		}
	})
	JNZ(LabelRef("row"))
	JMP(LabelRef("done"))
	Label("more")
	row(func() { visit(c, acc, load, loadMasked) })
	JNZ(LabelRef("more"))
	Label("done")
	end()
}
