//go:build amd64 && !purego

package kernel

import "unsafe"

// Causal attention of a short sequence with narrow heads is dozens of products of a few
// hundred multiply-adds, whose calls cost more than they do. AVX-512 has the registers for
// a whole head of it, so one call there takes all heads; the bits are those of the products
// and softmaxes one by one, which AVX2 goes by.

// briefArgs is what the assembly works by; tools/asm knows its layout.
type briefArgs struct {
	n, d, heads               int
	q, k, v, o, p             unsafe.Pointer
	dq, dk, dv                unsafe.Pointer
	rowQ, rowK, rowV, rowO    uintptr
	rowP, rowDQ, rowDK, rowDV uintptr
	headP, headK              uintptr
	scale                     float32
	add                       uintptr
}

// brief is how many places and how wide a head may be.
const brief = 16

// attendsBriefly is whether q, k and v are what the assembly takes: every query sees all
// keys up to its own.
func attendsBriefly(q, k, v *Matrix, heads int, see Sight) bool {
	d := q.Cols / heads
	return fast != nil && fast.wide && see.Causal && see.First == 0 && (see.Window == 0 || see.Window >= k.Rows) &&
		q.Rows == k.Rows && k.Rows >= 1 && k.Rows <= brief && d >= 1 && d <= brief && v.Cols == k.Cols
}

// begin says where a call finds what both ways take.
func (b *briefArgs) begin(q, k, v, o, p *Matrix, heads int, scale float32) {
	qs, ks, vs, os, ps := q.sight(), k.sight(), v.sight(), o.sight(), p.sight()
	b.n, b.d, b.heads = q.Rows, q.Cols/heads, heads
	b.q, b.k, b.v, b.o, b.p = qs.p, ks.p, vs.p, os.p, ps.p
	b.rowQ, b.rowK, b.rowV, b.rowO, b.rowP = qs.stride, ks.stride, vs.stride, os.stride, ps.stride
	b.headP, b.headK, b.scale = uintptr(q.Rows)*ps.stride, across(k, b.d), scale
}

func fastBrief(o, p, q, k, v *Matrix, heads int, scale float32, see Sight) bool {
	if !attendsBriefly(q, k, v, heads, see) {
		return false
	}
	var args briefArgs
	args.begin(q, k, v, o, p, heads, scale)
	attendBrief512((*byte)(unsafe.Pointer(&args)))
	return true
}

// fastBriefBack does without dk where that has no data.
func fastBriefBack(dq, dk, dv, do, p, q, k, v *Matrix, heads int, scale float32, see Sight, add bool) bool {
	if !attendsBriefly(q, k, v, heads, see) {
		return false
	}
	var args briefArgs
	args.begin(q, k, v, do, p, heads, scale)
	qs, ks, vs := dq.sight(), dk.sight(), dv.sight()
	args.dq, args.dk, args.dv, args.rowDQ, args.rowDK, args.rowDV = qs.p, ks.p, vs.p, qs.stride, ks.stride, vs.stride
	if add {
		args.add = 1
	}
	attendBriefBack512((*byte)(unsafe.Pointer(&args)))
	return true
}
