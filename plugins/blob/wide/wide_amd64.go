package wide

import "golang.org/x/sys/cpu"

// blocks2 takes n blocks of each of two contents into their hashes.
//
//go:noescape
func blocks2(h *[2][8]uint32, a, b *byte, n int)

// blocks16 takes n blocks of each of sixteen contents into their hashes, of which the first words stand
// together, then the second, and so on.
//
//go:noescape
func blocks16(h *[8][Most]uint32, at *[Most]*byte, n int)

// features are the registers in which CPUID says what is needed to know: ECX of its leaf 1, EBX of
// leaf 7.
func features() (leaf1, leaf7 uint32)

// The bits of SSSE3 and SSE4.1 in leaf 1, and of SHA in leaf 7.
const (
	ssse3 = 1 << 9
	sse41 = 1 << 19
	sha   = 1 << 29
)

// What the processor has instructions for, and the system keeps the registers of.
var (
	twoAbreast     = has(features())
	sixteenAbreast = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW
)

func has(leaf1, leaf7 uint32) bool {
	return leaf1&(ssse3|sse41) == ssse3|sse41 && leaf7&sha != 0
}
