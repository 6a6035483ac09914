package wide

import "testing"

// A processor without one of the instructions is not asked for any.
func TestHas(t *testing.T) {
	if !has(ssse3|sse41, sha) || has(ssse3, sha) || has(sse41, sha) || has(ssse3|sse41, 0) {
		t.Error("the bits of CPUID are misread")
	}
}
