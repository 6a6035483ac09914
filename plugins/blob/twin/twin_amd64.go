package twin

// blocks takes n blocks of each of two contents into their hashes.
//
//go:noescape
func blocks(h *[2][8]uint32, a, b *byte, n int)

// features are the registers in which CPUID says what is needed to know: ECX of its leaf 1, EBX of
// leaf 7.
func features() (leaf1, leaf7 uint32)

// The bits of SSSE3 and SSE4.1 in leaf 1, and of SHA in leaf 7.
const (
	ssse3 = 1 << 9
	sse41 = 1 << 19
	sha   = 1 << 29
)

// sideBySide says whether the processor has the instructions.
var sideBySide = has(features())

func has(leaf1, leaf7 uint32) bool {
	return leaf1&(ssse3|sse41) == ssse3|sse41 && leaf7&sha != 0
}
