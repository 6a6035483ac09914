package kernel

import "unsafe"

const (
	largePage  = 2 << 20
	worthAPage = 64 << 10 // bytes from which a slice is worth the question
)

// Make is make([]T, n), in large pages of memory where the system gives them. A product
// walks through more small pages than a processor remembers the places of: in large ones
// weights that come from the third cache are read a twentieth faster by many rows, and a
// quarter faster by few.
//
// What is asked for is whole large pages, so neighbours on the heap get them too. A system
// that refuses, or knows none, gives small ones, and nothing but the time differs.
func Make[T any](n int) []T {
	s := make([]T, n)
	if size := uintptr(n) * unsafe.Sizeof(*new(T)); size >= worthAPage {
		lo := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
		adviseLarge(lo&^(largePage-1), (lo+size+largePage-1)&^(largePage-1))
	}
	return s
}
