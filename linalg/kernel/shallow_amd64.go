//go:build amd64 && !purego

package kernel

import "unsafe"

// A product over few steps, as z·B of a LoRA branch, is bound by what it stores. So all that
// some columns need of b is held in registers, and their part of c is written row by row.

// shallows is what a kernel of few steps works by; tools/asm knows its layout.
type shallows struct {
	a    unsafe.Pointer
	aRow uintptr
	b    unsafe.Pointer
	bRow uintptr
	c    unsafe.Pointer
	cRow uintptr
	mask uintptr
	rows int
	add  uintptr
}

// isShallow is whether a product is for these kernels, which read b where it lies. For one
// or two rows, reading so much of b at once takes longer than what it saves.
func (f *machine) isShallow(p *product) bool {
	return !p.ta && !p.tb && p.k < len(f.shallow) && (p.m > 2 || p.k <= 8)
}

// runShallow goes column by column of vectors, with some thousand rows in each, so that no
// call is long.
func (f *machine) runShallow(p *product) {
	const band = 1 << 12
	table := f.shallow[p.k]
	s := shallows{aRow: p.a.stride, bRow: p.b.stride, cRow: p.c.stride}
	if p.add {
		s.add = 1
	}
	for i := 0; i < p.m; i += band {
		s.rows, s.a = min(band, p.m-i), p.a.at(i, 0, f.item)
		for j := 0; j < p.n; {
			vecs := min(len(table)-1, (p.n-j+f.lanes-1)/f.lanes)
			s.b, s.c = p.b.at(0, j, f.item), p.c.at(i, j, f.item)
			s.mask = 1<<min(f.lanes, p.n-j-(vecs-1)*f.lanes) - 1
			table[vecs]((*byte)(hide(unsafe.Pointer(&s))))
			j += vecs * f.lanes
		}
	}
}

// shallow512 are the kernels by steps, then by vectors.
var shallow512 = [...][]func(*byte){
	1:  {1: shallow1x1v512, shallow1x2v512, shallow1x3v512, shallow1x4v512},
	2:  {1: shallow2x1v512, shallow2x2v512, shallow2x3v512, shallow2x4v512},
	3:  {1: shallow3x1v512, shallow3x2v512, shallow3x3v512, shallow3x4v512},
	4:  {1: shallow4x1v512, shallow4x2v512, shallow4x3v512, shallow4x4v512},
	5:  {1: shallow5x1v512, shallow5x2v512},
	6:  {1: shallow6x1v512, shallow6x2v512},
	7:  {1: shallow7x1v512, shallow7x2v512},
	8:  {1: shallow8x1v512, shallow8x2v512},
	9:  {1: shallow9x1v512, shallow9x2v512},
	10: {1: shallow10x1v512, shallow10x2v512},
	11: {1: shallow11x1v512, shallow11x2v512},
	12: {1: shallow12x1v512, shallow12x2v512},
	13: {1: shallow13x1v512, shallow13x2v512},
	14: {1: shallow14x1v512, shallow14x2v512},
	15: {1: shallow15x1v512},
	16: {1: shallow16x1v512},
}
